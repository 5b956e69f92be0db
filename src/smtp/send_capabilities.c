/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/send_capabilities.h"

#include "base/attributes.h"
#include "base/number.h"

#define OFFERED_IN(member) .flag = offsetof(struct send_capabilities, member)

static const struct extension {
    struct slice word;
    size_t flag; /* a bool of the capabilities */
} extensions[] = {
    {SLICE_INIT("SIZE"), OFFERED_IN(size)},
    {SLICE_INIT("PIPELINING"), OFFERED_IN(pipelining)},
    {SLICE_INIT("CHUNKING"), OFFERED_IN(chunking)},
    {SLICE_INIT("8BITMIME"), OFFERED_IN(eight_bit_mime)},
    {SLICE_INIT("BINARYMIME"), OFFERED_IN(binary_mime)},
    {SLICE_INIT("SMTPUTF8"), OFFERED_IN(smtp_utf8)},
    {SLICE_INIT("DSN"), OFFERED_IN(dsn)},
    {SLICE_INIT("STARTTLS"), OFFERED_IN(starttls)},
    {SLICE_INIT("REQUIRETLS"), OFFERED_IN(require_tls)},
    {SLICE_INIT("ENHANCEDSTATUSCODES"), OFFERED_IN(enhanced_status_codes)},
};

static void read_extension(struct send_capabilities *out, struct slice word)
{
    for (size_t i = 0; i < COUNT_OF(extensions); i++)
        if (slice_equal_nocase(word, extensions[i].word))
            *(bool *)((char *)out + extensions[i].flag) = true;
}

/* RFC 1870 4: a number of digits, or none; 0 is no limit. */
static void read_size(struct send_capabilities *out, struct slice arguments)
{
    struct slice word;
    uint64_t number;
    if (slice_take_word(&arguments, &word) && number_parse_u64(word, INT64_MAX, &number))
        out->size_max = (int64_t)number;
}

static void read_mechanisms(struct send_capabilities *out, struct slice arguments,
                            const struct slice *mechanisms, size_t count)
{
    struct slice word;
    while (slice_take_word(&arguments, &word))
        for (size_t i = 0; i < count && i < SEND_MECHANISMS_MAX; i++)
            if (slice_equal_nocase(word, mechanisms[i]))
                out->mechanisms |= UINT32_C(1) << i;
}

void send_capabilities_read(struct send_capabilities *out, const struct client_reply *reply,
                            const struct slice *mechanisms, size_t mechanisms_count)
{
    struct slice rest = text_slice(&reply->text), line, word;
    *out = (struct send_capabilities){0};
    slice_take_field(&rest, '\n', &line);
    while (slice_take_field(&rest, '\n', &line)) {
        if (!slice_take_word(&line, &word))
            continue;
        read_extension(out, word);
        if (slice_equal_nocase(word, SLICE("SIZE")))
            read_size(out, line);
        if (slice_equal_nocase(word, SLICE("AUTH")))
            read_mechanisms(out, line, mechanisms, mechanisms_count);
    }
}
