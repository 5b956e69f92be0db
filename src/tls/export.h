/* SPDX-License-Identifier: Apache-2.0 */
/* export - a certificate, its chain and its key as a PKCS#12 file (RFC 7292).
 *
 * AES-256 and HMAC-SHA-256, as Windows Server 2019 and later, OpenSSL 1.1 and Java 11 read it.
 */
#ifndef TLS_EXPORT_H
#define TLS_EXPORT_H

#include "base/attributes.h"
#include "base/text.h"

enum { EXPORT_CHAIN_MAX = 16, EXPORT_ITERATIONS = 100 * 1000, EXPORT_PASSWORD_MAX = 1024 };

struct export_parts {
    struct slice certificate; /* DER */
    struct slice chain;       /* DER, one behind the other; at most EXPORT_CHAIN_MAX */
    struct slice private_key; /* PKCS#8 DER */
    struct slice friendly_name;
};

/* Appends the file. 0, -EINVAL when a part cannot be read or key and certificate do not belong
 * together, -ENOMEM. */
MUST_USE int export_pkcs12(const struct export_parts *parts, struct slice password,
                           struct text *out_file);

#endif
