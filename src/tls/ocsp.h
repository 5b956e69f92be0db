/* SPDX-License-Identifier: Apache-2.0 */
/* ocsp - what an authority says of one of its certificates: good, revoked, unknown (RFC 6960).
 *
 * A response is believed when the issuer's key signed it, or a responder to whom that key gave the
 * right (id-kp-OCSPSigning), with a digest that is not outdated; when it names the certificate; and
 * when its time is now. Nothing is asked for here: the bytes come from a file.
 */
#ifndef TLS_OCSP_H
#define TLS_OCSP_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"

enum {
    OCSP_RESPONSE_MAX = 16 * 1024,
    OCSP_SKEW_MS = 5 * 60 * 1000,       /* how far clocks may be apart */
    OCSP_KEPT_MS = 24 * 60 * 60 * 1000, /* of a response that does not say when it ends */
    OCSP_REASON_NONE = -1,
};

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp_answer {
    enum ocsp_status status;
    int64_t this_update_ms;
    int64_t next_update_ms; /* the first moment at which it is too old */
    int64_t revoked_ms;     /* of a revoked one */
    int reason;             /* CRLReason (RFC 5280 5.3.1), or OCSP_REASON_NONE */
};

enum ocsp_outcome {
    OCSP_OK,
    OCSP_DAMAGED,           /* cannot be read, or is too long */
    OCSP_NO_ANSWER,         /* the responder had none: tryLater, unauthorized, ... */
    OCSP_OTHER_CERTIFICATE, /* it does not speak of this one */
    OCSP_BAD_SIGNATURE,
    OCSP_NOT_A_RESPONDER, /* who signed it may not answer for this issuer */
    OCSP_TOO_EARLY,
    OCSP_TOO_OLD,
    OCSP_OUTCOMES,
};

/* The certificate and its issuer: DER. *out is set on OCSP_OK only. */
enum ocsp_outcome ocsp_verify(struct slice response, struct slice certificate, struct slice issuer,
                              int64_t now_ms, struct ocsp_answer *out_answer);
/* A clause without a capital: "it has expired: ...". */
const char *ocsp_outcome_text(enum ocsp_outcome outcome);
/* "keyCompromise"; "unspecified" for what is not known. */
const char *ocsp_reason_name(int reason);

/* Whom a response speaks of, by its own word: nothing is verified. Of several, the first. */
struct ocsp_subject {
    struct slice serial;           /* contents of the INTEGER, as in the certificate */
    struct slice issuer;           /* printed, of `known`; else the hash of its key */
    struct slice issuer_canonical; /* empty: the issuer is not known */
};

/* `known`: DER of issuers, one behind the other. Slices live in the arena. OCSP_OK, OCSP_DAMAGED or
 * OCSP_NO_ANSWER. */
enum ocsp_outcome ocsp_subject_read(struct slice response, struct slice known, struct arena *arena,
                                    struct ocsp_subject *out_subject);

#endif
