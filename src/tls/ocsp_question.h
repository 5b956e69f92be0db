/* SPDX-License-Identifier: Apache-2.0 */
/* ocsp_question - what an OCSP responder is asked about one certificate (RFC 6960 4.1).
 *
 * As RFC 5019 wants it, so that any responder has the answer ready: one certificate, named by
 * SHA-1, without a nonce. Whether an answer is new is told by its dates (tls/ocsp).
 */
#ifndef TLS_OCSP_QUESTION_H
#define TLS_OCSP_QUESTION_H

#include "base/attributes.h"
#include "base/text.h"

enum { OCSP_QUESTION_MAX = 512 };

/* Certificate and issuer are DER, and so is what is appended. False: one of them cannot be read, or
 * there is no memory. */
MUST_USE bool ocsp_question_append(struct slice certificate, struct slice issuer,
                                   struct text *question);

#endif
