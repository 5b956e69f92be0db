/* SPDX-License-Identifier: Apache-2.0 */
/* relay_identity - our own certificate, for servers that ask for one in the TLS handshake.
 *
 * The hub chooses it and sends it with the order; the key stays in the vault, which signs for us
 * (wire/signing). What TLS needs of a certificate is made once and kept for the connections that
 * follow; the few that are in use at a time are kept, the one unused longest gives way.
 */
#ifndef COURIER_RELAY_IDENTITY_H
#define COURIER_RELAY_IDENTITY_H

#include "base/text.h"
#include "tls/context.h"

enum { RELAY_IDENTITIES_MAX = 16 };

struct relay_identity {
    struct text certificate; /* DER, the leaf and the issuers behind it */
    uint64_t key_handle;
    struct tls_context *context;
    uint64_t used; /* when, counted in orders */
};

struct relay_identities { /* zeroed: none */
    struct relay_identity kept[RELAY_IDENTITIES_MAX];
    uint64_t orders;
};

/* One reference, the caller's. NULL: the certificate cannot be used, or there is no memory. */
struct tls_context *relay_identities_get(struct relay_identities *identities,
                                         struct slice certificate, uint64_t key_handle);
void relay_identities_end(struct relay_identities *identities);

#endif
