/* SPDX-License-Identifier: Apache-2.0 */
/* signature - the DKIM-Signature field (RFC 6376 3.5), and the digest its key signs.
 *
 * Signed are the fields a reader sees and those that say how to read the body, every one of each
 * name, the last first (RFC 6376 5.4.2). Names whose fields should be there once are listed once
 * more than they occur, so that nobody can add one.
 */
#ifndef DKIM_SIGNATURE_H
#define DKIM_SIGNATURE_H

#include "dkim/message.h"

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256, DKIM_ALGORITHMS };

enum { DKIM_FIELD_MAX = 65536 /* of a signature's */ };

struct dkim_signature {
    enum dkim_algorithm algorithm;
    enum canonical_form header_form, body_form;
    struct slice domain; /* as DNS writes it */
    struct slice selector;
    int64_t signed_at_ms;
};

/* Appends the field up to the place of the signature itself, and gives the digest that is to be
 * signed. False: no room. */
MUST_USE bool dkim_signature_begin(const struct dkim_signature *signature,
                                   const struct dkim_message *message,
                                   const unsigned char body_digest[DKIM_DIGEST_BYTES],
                                   struct text *out_field, unsigned char out[DKIM_DIGEST_BYTES]);
/* The bytes of the signature, and the end of the field. */
MUST_USE bool dkim_signature_end(struct text *field, struct slice bytes);

#endif
