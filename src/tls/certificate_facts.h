/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_facts - everything the rest of the server wants to know of a certificate, as plain
 * values, so that no other room needs a library to read one.
 *
 * All slices live in the caller's arena. Text is the certificate's, not ours: escape it where it is
 * shown.
 */
#ifndef TLS_CERTIFICATE_FACTS_H
#define TLS_CERTIFICATE_FACTS_H

#include "base/arena.h"
#include "base/attributes.h"
#include "base/ip.h"

enum key_kind { KEY_OTHER, KEY_RSA, KEY_RSA_PSS, KEY_P256, KEY_P384, KEY_P521, KEY_ED25519 };

enum { CERTIFICATE_NAMES_MAX = 512, OCSP_LOCATION_MAX = 1024 };

struct certificate_facts {
    unsigned char thumbprint[20]; /* SHA-1 of the DER, as Exchange shows it */
    unsigned char sha256[32];
    struct slice subject, issuer;                     /* printed, see distinguished_name.h */
    struct slice subject_canonical, issuer_canonical; /* DER to compare */
    struct slice serial;                              /* upper hexadecimal, as .NET prints it */
    int64_t not_before_ms, not_after_ms;
    struct slice *dns_names; /* lower case, in their order; SAN, else a CN that is a host name */
    size_t dns_name_count;
    struct ip_address *ip_names;
    size_t ip_name_count;
    enum key_kind key_kind;
    int key_bits;
    struct slice signature_algorithm; /* "sha256RSA", "sha256ECDSA", as Windows names them */
    int version;                      /* 3 for X.509 v3 */
    bool self_signed;                 /* issuer is subject, and the signature says so too */
    bool is_ca;
    bool server_auth; /* no extended key usage, or one that allows TLS servers */
    bool can_sign;    /* no key usage, or one with digitalSignature, which TLS 1.3 needs */
    bool short_key;   /* less than 112 bits of security: RSA below 2048 bits */
    bool weak_digest; /* MD5 or SHA-1 in its signature, and not its own */
    bool must_staple; /* it demands an OCSP response in the handshake (RFC 7633) */
    struct slice ocsp_responder; /* "http://ocsp.example/": the first by http; empty: none */
    struct slice *uses; /* its extended key usages as Windows writes them, "Name (1.3.6...)" */
    size_t use_count;
    struct slice key_identifier; /* bytes of the extension; empty: it has none */
    bool names_dropped; /* a name with NUL or other unfit bytes, or one too many, was left out */
    struct slice spki;  /* DER */
    unsigned char spki_sha256[32];
    size_t chain_count;         /* intermediates that were given */
    bool chain_in_order;        /* each of them issues the one before it */
    int64_t chain_not_after_ms; /* when the first of them ends; 0: there is none */
};

enum certificate_outcome { CERTIFICATE_OK, CERTIFICATE_DAMAGED, CERTIFICATE_TOO_LARGE };

/* `leaf` and the chain are DER. An outcome, or -ENOMEM (the arena's ceiling counts). */
MUST_USE int certificate_facts_read(struct slice leaf, const struct slice *chain,
                                    size_t chain_count, struct arena *arena,
                                    struct certificate_facts *out_facts);
const char *key_kind_name(enum key_kind kind); /* "RSA", "ECDSA_P256", ... */

#endif
