/* SPDX-License-Identifier: Apache-2.0 */
/* client_certificate - the certificate a client has shown, and what is to be said of it.
 *
 * Judged once, when the handshake is done: connectors that ask for certificates give no tickets, so
 * every handshake is a full one. What is kept is small, whatever the client sent; names that do not
 * fit are left out, and then prove nothing.
 */
#ifndef EDGE_CLIENT_CERTIFICATE_H
#define EDGE_CLIENT_CERTIFICATE_H

#include "base/arena.h"
#include "model/peer.h"
#include "tls/engine.h"
#include "tls/verify.h"

enum { CLIENT_SUBJECT_MAX = 256 };

struct client_certificate {
    struct arena arena;
    struct slice subject; /* escaped, cut at CLIENT_SUBJECT_MAX */
    unsigned char thumbprint[20];
    struct slice_list names;
    struct verdict verdict;
};

/* NULL: none was shown, or there is no memory for it. */
struct client_certificate *client_certificate_new(const struct tls_engine *engine, int64_t at_ms);
void client_certificate_free(struct client_certificate *certificate); /* accepts NULL */
/* What the model is to know of a client inside TLS; borrows from the certificate (may be NULL). */
struct tls_peer client_certificate_peer(const struct client_certificate *certificate);
/* "Valid", "EmptyCertificate" of NULL, or what is wrong: "Expired, UntrustedRoot". */
void client_certificate_append_status(const struct client_certificate *certificate,
                                      struct text *text);

#endif
