/* SPDX-License-Identifier: Apache-2.0 */
/* What TLS has signed, by its bytes. */
#include "base/attributes.h"
#include "tls/signer.h"

enum { CERTIFICATE_VERIFY_BLANKS = 64, RANDOMS_BYTES = 64, HANDSHAKE_HEAD_BYTES = 4 };

static bool is_certificate_verify(struct slice bytes, struct slice words)
{
    for (size_t i = 0; i < CERTIFICATE_VERIFY_BLANKS; i++)
        if (!slice_take_prefix(&bytes, SLICE(" ")))
            return false;
    return slice_take_prefix(&bytes, words) && (bytes.len == 32 || bytes.len == 48);
}

/* named_curve, group, length of the point (and that it is uncompressed) */
static bool is_server_key_exchange(struct slice bytes)
{
    struct slice params = slice_after(bytes, RANDOMS_BYTES);
    if (slice_take_prefix(&params, SLICE("\x03\x00\x1d\x20")))
        return params.len == 32;
    return slice_take_prefix(&params, SLICE("\x03\x00\x17\x41\x04")) && params.len == 64;
}

/* RFC 5246 7.3, as far as a client has seen it when it proves its key. */
static const struct handshake_message {
    uint8_t type;
    bool optional, empty;
} transcript[] = {
    {.type = 1},                    /* client_hello */
    {.type = 2},                    /* server_hello */
    {.type = 11},                   /* certificate */
    {.type = 22, .optional = true}, /* certificate_status (RFC 6066 8) */
    {.type = 12, .optional = true}, /* server_key_exchange */
    {.type = 13},                   /* certificate_request */
    {.type = 14, .empty = true},    /* server_hello_done */
    {.type = 11},                   /* certificate, ours */
    {.type = 16},                   /* client_key_exchange */
};

static bool take_message(struct slice *bytes, const struct handshake_message *wanted)
{
    const unsigned char *at = (const unsigned char *)bytes->at;
    if (bytes->len < HANDSHAKE_HEAD_BYTES || at[0] != wanted->type)
        return false;
    size_t len = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (len > bytes->len - HANDSHAKE_HEAD_BYTES || (len == 0) != wanted->empty)
        return false;
    *bytes = slice_after(*bytes, HANDSHAKE_HEAD_BYTES + len);
    return true;
}

static bool is_transcript(struct slice bytes)
{
    for (size_t i = 0; i < COUNT_OF(transcript); i++)
        if (!take_message(&bytes, &transcript[i]) && !transcript[i].optional)
            return false;
    return bytes.len == 0;
}

bool signer_shape_ok(enum signer_side side, struct slice to_be_signed)
{
    switch (side) {
    case SIGNER_SERVER:
        return is_certificate_verify(to_be_signed, SLICE("TLS 1.3, server CertificateVerify\0")) ||
               is_server_key_exchange(to_be_signed);
    case SIGNER_CLIENT:
        return is_certificate_verify(to_be_signed, SLICE("TLS 1.3, client CertificateVerify\0")) ||
               is_transcript(to_be_signed);
    }
    return false;
}
