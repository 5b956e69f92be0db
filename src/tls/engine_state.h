/* SPDX-License-Identifier: Apache-2.0 */
/* engine_state - what a tls_engine is made of; for the engine's files only. */
#ifndef TLS_ENGINE_STATE_H
#define TLS_ENGINE_STATE_H

#include "tls/engine.h"

#include <openssl/ssl.h>

struct tls_engine {
    SSL *ssl;
    struct tls_context *context; /* as given */
    struct tls_context *chosen;  /* by name; NULL: the one above */
    tls_choose_fn *choose;
    void *chooser;
    struct text in; /* cipher bytes fed; those before in_at are consumed */
    size_t in_at;
    struct text out;    /* cipher bytes to be sent */
    struct text name;   /* server: asked for; client: expected */
    struct text reason; /* of a failure */
    size_t handshake_in;
    int alert_received, alert_sent; /* fatal ones; -1: none */
    bool server, asked, done, failed, closing;
    bool certificate_asked; /* client: by the server */
};

/* The BIO that joins an engine to its SSL; one reference, NULL without memory. */
BIO *engine_bio_new(struct tls_engine *engine);
struct tls_engine *engine_of(const SSL *ssl);

#endif
