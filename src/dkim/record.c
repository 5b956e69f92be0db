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
