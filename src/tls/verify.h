/* SPDX-License-Identifier: Apache-2.0 */
/* verify - what a careful client would say of a certificate chain.
 *
 * All findings are collected, not the first one: an administrator mends them in one go. No clock is
 * read: the moment is an argument. Revocation is not looked up here (see
 * tls/ocsp).
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "base/attributes.h"
#include "base/text.h"

enum verify_finding {
    VERIFY_OK,
    VERIFY_NO_CERTIFICATE,
    VERIFY_MALFORMED, /* a certificate cannot be read */
    VERIFY_EXPIRED,   /* any of the chain */
    VERIFY_NOT_YET_VALID,
    VERIFY_SELF_SIGNED,      /* the leaf is its own issuer, and not among the roots */
    VERIFY_CHAIN_INCOMPLETE, /* an issuer is neither sent nor known */
    VERIFY_UNTRUSTED_ROOT,   /* the chain ends in a root that is not ours */
    VERIFY_BAD_SIGNATURE,
    VERIFY_NOT_AN_AUTHORITY, /* an issuer may not issue, or the path is too long */
    VERIFY_CONSTRAINED,      /* name constraints exclude the name */
    VERIFY_WRONG_PURPOSE,    /* not for TLS */
    VERIFY_WEAK,             /* short key, MD5 or SHA-1 signature */
    VERIFY_NAME_MISMATCH,
    VERIFY_OTHER, /* refused by OpenSSL for a reason of its own */
    VERIFY_FINDING_COUNT,
};

struct verdict {
    unsigned mask;                   /* bit (1 << finding); 0 = OK */
    int depth[VERIFY_FINDING_COUNT]; /* where first seen: 0 = leaf */
};

struct ssl_ctx_st;
struct tls_trust; /* a set of roots */

MUST_USE struct tls_trust *tls_trust_new(void); /* empty: trusts nobody; NULL without memory */
void tls_trust_free(struct tls_trust *trust);   /* accepts NULL */
bool tls_trust_add(struct tls_trust *trust, struct slice der);
/* All certificates of a PEM bundle (the file's bytes); how many were added. A damaged one is
 * stepped over. */
size_t tls_trust_add_pem(struct tls_trust *trust, struct slice pem);
/* Appends the DER of a root that issued the certificate; false: there is none. */
bool tls_trust_issuer(const struct tls_trust *trust, struct slice certificate,
                      struct text *out_der);

/* For a library that speaks TLS itself: an OpenSSL context shares these roots. */
bool tls_trust_give(const struct tls_trust *trust, struct ssl_ctx_st *context);

/* chain: DER, leaf first, as sent. name: host name or address, "" = not judged. trust may be NULL.
 */
void verify_chain(const struct slice *chain, size_t chain_count, const struct tls_trust *trust,
                  struct slice name, int64_t at_ms, struct verdict *out_verdict);

/* The same for a client: no name, and it may be one for TLS clients or for TLS servers. */
void verify_client_chain(const struct slice *chain, size_t chain_count,
                         const struct tls_trust *trust, int64_t at_ms, struct verdict *out_verdict);

bool verdict_ok(const struct verdict *verdict);
bool verdict_has(const struct verdict *verdict, enum verify_finding finding);
const char *verify_finding_name(enum verify_finding finding); /* "SelfSigned" */
const char *verify_finding_text(enum verify_finding finding); /* a sentence */
/* "OK", or the names joined by ", ". */
bool verdict_print(const struct verdict *verdict, struct text *out);

#endif
