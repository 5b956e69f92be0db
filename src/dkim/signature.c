/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/signature.h"

#include "base/base64.h"

#include <openssl/evp.h>

enum { LINE_MAX_BYTES = 72, CANONICAL_MAX = 4 * DKIM_HEADER_MAX };

/* clang-format off */
static const struct signed_name {
    struct slice name;
    bool alone; /* nobody may add another */
} signed_names[] = {
    {SLICE_INIT("from"), true},
    {SLICE_INIT("sender"), false},
    {SLICE_INIT("reply-to"), false},
    {SLICE_INIT("subject"), true},
    {SLICE_INIT("date"), true},
    {SLICE_INIT("message-id"), true},
    {SLICE_INIT("to"), true},
    {SLICE_INIT("cc"), true},
    {SLICE_INIT("mime-version"), true},
    {SLICE_INIT("content-type"), true},
    {SLICE_INIT("content-transfer-encoding"), true},
    {SLICE_INIT("in-reply-to"), false},
    {SLICE_INIT("references"), false},
    {SLICE_INIT("list-id"), false},
    {SLICE_INIT("list-unsubscribe"), false},
    {SLICE_INIT("list-unsubscribe-post"), false},
    {SLICE_INIT("auto-submitted"), false},
};

static const struct slice algorithm_names[DKIM_ALGORITHMS] = {
    [DKIM_RSA_SHA256]     = SLICE_INIT("rsa-sha256"),
    [DKIM_ED25519_SHA256] = SLICE_INIT("ed25519-sha256"),
};

static const struct slice form_names[] = {
    [CANONICAL_RELAXED] = SLICE_INIT("relaxed"),
    [CANONICAL_SIMPLE]  = SLICE_INIT("simple"),
};
/* clang-format on */

/* --- the field --- */

static size_t count_fields(const struct dkim_message *message, struct slice name)
{
    size_t count = 0;
    for (size_t i = 0; i < message->field_count; i++)
        count += slice_equal_nocase(message->fields[i].name, name);
    return count;
}

static void append_names(const struct dkim_message *message, struct text *out)
{
    size_t column = 0;
    for (size_t i = 0; i < COUNT_OF(signed_names); i++) {
        const struct signed_name *row = &signed_names[i];
        size_t count = count_fields(message, row->name) + (row->alone ? 1 : 0);
        for (; count; count--) {
            if (column)
                text_append_c(out, column + row->name.len > LINE_MAX_BYTES ? ":\r\n\t " : ":");
            column = column + row->name.len > LINE_MAX_BYTES ? 0 : column;
            text_append(out, row->name);
            column += row->name.len + 1;
        }
    }
}

static void append_tags(const struct dkim_signature *signature, const struct dkim_message *message,
                        const unsigned char body_digest[DKIM_DIGEST_BYTES], struct text *out)
{
    text_append_format(
        out, "DKIM-Signature: v=1; a=%.*s; c=%.*s/%.*s; d=%.*s;\r\n\ts=%.*s; t=%lld;\r\n\th=",
        SLICE_ARG(algorithm_names[signature->algorithm]),
        SLICE_ARG(form_names[signature->header_form]), SLICE_ARG(form_names[signature->body_form]),
        SLICE_ARG(signature->domain), SLICE_ARG(signature->selector),
        (long long)(signature->signed_at_ms / 1000));
    append_names(message, out);
    text_append_c(out, ";\r\n\tbh=");
    base64_append(out, slice_bytes(body_digest, DKIM_DIGEST_BYTES));
    text_append_c(out, ";\r\n\tb=");
}

/* --- what is signed --- */

static void append_fields(const struct dkim_signature *signature,
                          const struct dkim_message *message, struct slice name, struct text *out)
{
    for (size_t i = message->field_count; i-- > 0;) {
        if (!slice_equal_nocase(message->fields[i].name, name))
            continue;
        canonical_field_append(signature->header_form, message->fields[i].bytes, out);
        text_append_c(out, "\r\n");
    }
}

/* RFC 6376 3.7: the signed fields, then the signature's own without its value and line end. */
static bool append_signed(const struct dkim_signature *signature,
                          const struct dkim_message *message, struct slice field, struct text *out)
{
    for (size_t i = 0; i < COUNT_OF(signed_names); i++)
        append_fields(signature, message, signed_names[i].name, out);
    return canonical_field_append(signature->header_form, field, out) && !out->truncated;
}

bool dkim_signature_begin(const struct dkim_signature *signature,
                          const struct dkim_message *message,
                          const unsigned char body_digest[DKIM_DIGEST_BYTES],
                          struct text *out_field, unsigned char out[DKIM_DIGEST_BYTES])
{
    size_t start = out_field->len;
    append_tags(signature, message, body_digest, out_field);
    struct text canonical = text_with_ceiling(CANONICAL_MAX);
    struct slice field = slice_after(text_slice(out_field), start);
    bool good = !out_field->truncated && append_signed(signature, message, field, &canonical) &&
                EVP_Digest(canonical.at, canonical.len, out, NULL, EVP_sha256(), NULL) == 1;
    text_deinit(&canonical);
    return good;
}

bool dkim_signature_end(struct text *field, struct slice bytes)
{
    struct text encoded = text_with_ceiling(DKIM_FIELD_MAX);
    base64_append(&encoded, bytes);
    bool good = !encoded.truncated && encoded.len > 0;
    for (struct slice rest = text_slice(&encoded); rest.len;
         rest = slice_after(rest, LINE_MAX_BYTES)) {
        text_append_c(field, "\r\n\t ");
        text_append(field, slice_first(rest, LINE_MAX_BYTES));
    }
    text_append_c(field, "\r\n");
    text_deinit(&encoded);
    return good && !field->truncated;
}
