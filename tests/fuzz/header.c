/* SPDX-License-Identifier: Apache-2.0 */
/* mail/header_scan with its header firewall, against a reader that works on the whole message line
 * by line. The first byte chooses what is removed, what is promoted, and one cut.
 *
 * Held: the pieces are the message without the removed fields in any cut, nothing of the body is
 * ever removed, and counts are made over what came in. */
#include "mail/header_scan.h"

#include "base/text.h"
#include "fuzz.h"

enum { INPUT_MAX = 8192 };

struct read_header {
    struct text content;
    uint32_t received, local_hops;
    uint64_t header_bytes;
};

static const struct slice names[] = {SLICE_INIT("mx1.contoso.com"), SLICE_INIT("MX1")};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The line with its CR LF, or what is left. */
static struct slice take_line(struct slice *rest)
{
    size_t i = 0;
    while (i + 1 < rest->len && !(rest->at[i] == '\r' && rest->at[i + 1] == '\n'))
        i++;
    struct slice line = slice_first(*rest, i + 2);
    *rest = slice_after(*rest, line.len);
    return line;
}

/* The field name of the line; empty: it begins no field. */
static struct slice name_of(struct slice line)
{
    struct slice name;
    if (!slice_take_until(&line, ':', &name) || name.len >= HEADER_SCAN_NAME_MAX)
        return (struct slice){0};
    name = slice_trim(name);
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 33 || name.at[i] > 126)
            return (struct slice){0};
    return name;
}

static bool starts_blank(struct slice line)
{
    return line.len && is_blank(line.at[0]);
}

static void naive(struct slice message, unsigned removes, unsigned promotes,
                  struct read_header *out)
{
    struct slice rest = message;
    bool in_field = false, removing = false, promoting, received = false;
    struct received_by by = {0};
    while (rest.len) {
        struct slice before = rest, line = take_line(&rest), name = name_of(line);
        bool folded = in_field && starts_blank(line);
        promoting = false;
        if (!folded && (name.len == 0 || starts_blank(line))) {
            rest = before;
            break;
        }
        if (!folded) {
            out->local_hops += received && received_by_end(&by, names, COUNT_OF(names));
            in_field = true;
            received = slice_equal_nocase(name, SLICE("Received"));
            out->received += received;
            removing = header_family_of(name) & removes;
            promoting = header_family_of(name) & promotes;
            (void)slice_take_until(&line, ':', &name);
        }
        if (received)
            received_by_take(&by, names, COUNT_OF(names), line);
        struct slice whole = slice_first(before, before.len - rest.len);
        out->header_bytes += whole.len;
        if (promoting && !removing)
            text_append_c(&out->content, "X-MS-Exchange-Organization-");
        size_t renamed = promoting ? sizeof "X-MS-Exchange-CrossPremises-" - 1 : 0;
        if (!removing)
            text_append(&out->content, slice_after(whole, renamed));
    }
    out->local_hops += received && received_by_end(&by, names, COUNT_OF(names));
    text_append(&out->content, rest);
}

static void scan(struct slice message, unsigned removes, unsigned promotes, size_t cut,
                 struct read_header *out)
{
    struct header_scan scan = {.removes = removes,
                               .promotes = promotes,
                               .our_names = names,
                               .our_name_count = COUNT_OF(names)};
    struct slice piece;
    for (; message.len; message = slice_after(message, cut)) {
        struct slice input = slice_first(message, cut);
        while (header_scan_take(&scan, &input, &piece) != HEADER_SCAN_MORE)
            text_append(&out->content, piece);
        require(input.len == 0);
    }
    if (header_scan_finish(&scan, &piece))
        text_append(&out->content, piece);
    out->received = scan.count[HEADER_SCAN_RECEIVED];
    out->local_hops = scan.local_hops;
    out->header_bytes = scan.header_bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX)
        return 0;
    struct slice message = slice_bytes(data + 1, size - 1);
    unsigned removes = data[0] & 15U;
    unsigned promotes = data[0] & 16U ? HEADER_FAMILY_CROSS_PREMISES : 0;
    const size_t cuts[] = {1, 1U + (data[0] >> 4), INPUT_MAX};
    struct read_header expected = {.content = text_with_ceiling(INPUT_MAX)};
    naive(message, removes, promotes, &expected);
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        struct read_header seen = {.content = text_with_ceiling(INPUT_MAX)};
        scan(message, removes, promotes, cuts[i], &seen);
        require(slice_equal(text_slice(&seen.content), text_slice(&expected.content)));
        require(seen.received == expected.received && seen.local_hops == expected.local_hops);
        require(seen.header_bytes == expected.header_bytes);
        text_deinit(&seen.content);
    }
    text_deinit(&expected.content);
    return 0;
}
