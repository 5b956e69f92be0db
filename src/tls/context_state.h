/* SPDX-License-Identifier: Apache-2.0 */
/* context_state - what a tls_context is made of; for tls/context and tls/engine only. */
#ifndef TLS_CONTEXT_STATE_H
#define TLS_CONTEXT_STATE_H

#include "tls/context.h"
#include "tls/ticket.h"

#include <openssl/ssl.h>

struct tls_context {
    size_t references;
    bool server;
    SSL_CTX *ctx;
    const char *ciphers; /* server: the list for TLS 1.2, by the kind of key */
    const struct tls_trust *trust;
    struct tls_ticket_binding binding;
    unsigned char *staple; /* server; NULL: none */
    size_t staple_len;
    int64_t staple_until_ms;
};

/* The callbacks of sessions, set by the context, answered by the engine. */
int engine_on_hello(SSL *ssl, int *out_alert, void *argument);
int engine_on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *offered, unsigned offered_len, void *argument);
void engine_on_info(const SSL *ssl, int where, int value);
int engine_on_certificate_request(SSL *ssl, void *argument);

#endif
