/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/record.h"

#include "base/base64.h"

static const struct slice key_types[DKIM_ALGORITHMS] = {
    [DKIM_RSA_SHA256] = SLICE_INIT("rsa"), [DKIM_ED25519_SHA256] = SLICE_INIT("ed25519")};

bool dkim_record_append(struct text *out, enum dkim_algorithm algorithm, struct slice public_key)
{
    text_append_c(out, "v=DKIM1; k=");
    text_append(out, key_types[algorithm]);
    text_append_c(out, "; p=");
    return base64_append(out, public_key) && !out->truncated;
}

bool dkim_record_append_strings(struct text *out, enum dkim_algorithm algorithm,
                                struct slice public_key)
{
    char storage[DKIM_RECORD_MAX];
    struct text record = text_over(storage, sizeof storage);
    bool good = dkim_record_append(&record, algorithm, public_key);
    for (struct slice rest = text_slice(&record); rest.len;
         rest = slice_after(rest, DKIM_STRING_MAX)) {
        text_append_c(out, rest.len < record.len ? " \"" : "\"");
        text_append(out, slice_first(rest, DKIM_STRING_MAX));
        text_append_byte(out, '"');
    }
    return good && !out->truncated;
}

bool dkim_record_append_name(struct text *out, struct slice selector, struct slice domain)
{
    text_append(out, selector);
    text_append_c(out, "._domainkey.");
    return text_append(out, domain);
}

/* --- what is published --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks may stand within a value, as they do in zone files that fold it. */
static bool append_without_blanks(struct text *out, struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!is_blank(value.at[i]))
            text_append_byte(out, value.at[i]);
    return !out->truncated;
}

/* The first tag of this name, in any order. */
static bool find_tag(struct slice record, struct slice name, struct text *out_value)
{
    struct slice tag, written;
    while (slice_take_field(&record, ';', &tag))
        if (slice_take_until(&tag, '=', &written) && slice_equal(slice_trim(written), name))
            return append_without_blanks(out_value, tag);
    return false;
}

static bool has_kind(struct slice record, enum dkim_algorithm algorithm)
{
    char version_storage[16], type_storage[16];
    struct text version = text_over(version_storage, sizeof version_storage);
    struct text type = text_over(type_storage, sizeof type_storage);
    if (find_tag(record, SLICE("v"), &version) &&
        !slice_equal(text_slice(&version), SLICE("DKIM1")))
        return false;
    if (find_tag(record, SLICE("k"), &type))
        return slice_equal_nocase(text_slice(&type), key_types[algorithm]);
    return !type.truncated && !version.truncated && algorithm == DKIM_RSA_SHA256;
}

enum dkim_record_verdict dkim_record_judge(struct slice published, enum dkim_algorithm algorithm,
                                           struct slice public_key)
{
    char storage[DKIM_RECORD_MAX], expected_storage[DKIM_RECORD_MAX];
    struct text key = text_over(storage, sizeof storage);
    struct text expected = text_over(expected_storage, sizeof expected_storage);
    if (!has_kind(published, algorithm) || !find_tag(published, SLICE("p"), &key))
        return DKIM_RECORD_MALFORMED;
    if (!key.len)
        return DKIM_RECORD_REVOKED;
    bool same = base64_append(&expected, public_key) &&
                slice_equal(text_slice(&key), text_slice(&expected));
    return same ? DKIM_RECORD_VALID : DKIM_RECORD_OTHER_KEY;
}
