/* SPDX-License-Identifier: Apache-2.0 */
/* make - new keys and certificates: self-signed, a private authority, and what that one issues.
 */
#ifndef TLS_MAKE_H
#define TLS_MAKE_H

#include "base/arena.h"
#include "base/attributes.h"

enum make_key {
    MAKE_KEY_P256,
    MAKE_KEY_P384,
    MAKE_KEY_RSA_2048,
    MAKE_KEY_RSA_3072,
    MAKE_KEY_RSA_4096,
    MAKE_KEY_ED25519
};

enum { MAKE_NAMES_MAX = 256, MAKE_DAYS_MAX = 36500 };

struct make_settings {
    enum make_key key;
    struct slice subject;      /* DER of the whole name; empty: the two below make it */
    struct slice common_name;  /* UTF-8, 1-64 characters */
    struct slice organization; /* may be empty */
    const struct slice *names; /* host names (wildcards too) and addresses, for SAN */
    size_t name_count;
    int days;       /* 1 to MAKE_DAYS_MAX */
    int64_t now_ms; /* valid from an hour before, against clocks that are behind */
};

struct made {
    struct slice certificate; /* DER */
    struct slice request;     /* PKCS#10 DER, of make_request */
    struct slice private_key; /* PKCS#8 DER: wipe it with made_wipe */
};

/* 0, -EINVAL for settings out of range or an authority that is none, -ENOMEM, -EIO. Bytes live in
 * the arena. */
MUST_USE int make_self_signed(const struct make_settings *settings, struct arena *arena,
                              struct made *out);
MUST_USE int make_authority(const struct make_settings *settings, struct arena *arena,
                            struct made *out);
MUST_USE int make_issued(const struct make_settings *settings, const struct made *authority,
                         struct arena *arena, struct made *out);
/* A key and a PKCS#10 request for it. The certificate is a self-signed stand-in with the same names
 * and key, so that a request has facts and a thumbprint like any other; it is never presented. */
MUST_USE int make_request(const struct make_settings *settings, struct arena *arena,
                          struct made *out);
void made_wipe(struct made *made);

#endif
