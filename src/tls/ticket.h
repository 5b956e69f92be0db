/* SPDX-License-Identifier: Apache-2.0 */
/* ticket - the keys of session tickets (RFC 5077, RFC 8446 4.6.1): current and previous.
 *
 * They are made elsewhere (the vault), handed in as bytes, never stored here but in memory, and
 * replaced every hour. A ticket of the current key resumes; one of the previous key resumes and is
 * renewed; an older one means a full handshake. A ticket also carries the session context of the
 * tls_context that issued it and is good there only.
 *
 * One thread. The object must outlive the contexts that name it.
 */
#ifndef TLS_TICKET_H
#define TLS_TICKET_H

#include "base/attributes.h"
#include "base/slice.h"
#include "tls/context.h"

#include <openssl/types.h>

enum { TLS_TICKET_KEY_BYTES = 80 }; /* name 16, AES-256 key 32, HMAC-SHA-256 key 32 */

MUST_USE struct tls_ticket_keys *tls_tickets_new(void); /* no key yet: no ticket is issued */
void tls_tickets_free(struct tls_ticket_keys *keys);    /* wipes; accepts NULL */

/* `current` and `previous` are TLS_TICKET_KEY_BYTES each; an empty previous is "there is none", an
 * empty current switches tickets off. False on any other length, with nothing changed. */
bool tls_tickets_set(struct tls_ticket_keys *keys, uint64_t generation, struct slice current,
                     struct slice previous);
uint64_t tls_tickets_generation(const struct tls_ticket_keys *keys); /* as last set, 0 at first */

/* For the rest of this room. Whether a ticket would be issued at the moment; NULL: no. */
bool tls_tickets_ready(const struct tls_ticket_keys *keys);

/* What binds an SSL_CTX to its keys; it becomes the SSL_CTX's application data and lives as long.
 */
struct tls_ticket_binding {
    struct tls_ticket_keys *keys; /* NULL: no tickets */
    unsigned char session_context[TLS_SESSION_CONTEXT_BYTES];
};
bool tls_tickets_install(struct tls_ticket_binding *binding, SSL_CTX *ctx);

#endif
