/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_health - how good what a connector presents is at a moment, in a word, and how long
 * it stays so.
 *
 * A certificate ends with the first of itself and its issuers: a client refuses either. The last 30
 * days are "soon"; the boundaries 30, 14, 7 and 1 divide them.
 */
#ifndef MODEL_CERTIFICATE_HEALTH_H
#define MODEL_CERTIFICATE_HEALTH_H

#include "model/certificate_choice.h"

enum certificate_health {
    HEALTH_GOOD,
    HEALTH_EXPIRES_SOON,
    HEALTH_UNTRUSTED, /* self-signed, or no chain to a root that is trusted here */
    HEALTH_EXPIRED,
    HEALTH_NOT_YET_VALID,
    HEALTH_INVALID, /* the chain is wrong */
    HEALTH_REVOKED,
    HEALTH_PENDING_REQUEST,
    HEALTH_STAPLE_MISSING, /* it demands an OCSP response, and there is no current one */
    /* of connectors only */
    HEALTH_NAMED_MISSING,  /* TlsCertificateName fits nothing; another one is presented */
    HEALTH_NO_CERTIFICATE, /* TLS is wanted and cannot be offered */
    HEALTH_NO_TLS,         /* it is not wanted */
};

int64_t certificate_ends_ms(const struct certificate *certificate);
/* Whole days until its end, rounded down: below zero when it is over. */
int64_t certificate_days_left(const struct certificate *certificate, int64_t at_ms);
/* 30, 14, 7 or 1: the last boundary that was passed; 0 when there is more time, or none. */
unsigned certificate_days_boundary(const struct certificate *certificate, int64_t at_ms);
/* The next moment behind at_ms at which a boundary or a date of the certificate is passed; false
 * when all lie behind. */
bool certificate_next_boundary(const struct certificate *certificate, int64_t at_ms,
                               int64_t *out_at_ms);

enum certificate_health certificate_health(const struct certificate *certificate, int64_t at_ms);
enum certificate_health connector_health(const struct receive_connector *connector,
                                         const struct certificate_choice *choice, int64_t at_ms);
const char *certificate_health_word(enum certificate_health health); /* "ExpiresSoon" */

#endif
