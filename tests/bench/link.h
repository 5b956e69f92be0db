/* SPDX-License-Identifier: Apache-2.0 */
/* link - one TCP connection to the server, in clear or in TLS; it knows bytes, not SMTP.
 *
 * What is to be sent is borrowed: up to two pieces, which stay valid until link_send says all is
 * out. Results below zero mean the connection is lost and `why` says how.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "plan.h"

#include <openssl/ssl.h>
#include <stdint.h>

enum link_progress { LINK_LOST = -1, LINK_WAITS = 0, LINK_DONE = 1 };

struct link_piece {
    const char *at;
    size_t len;
};

struct link {
    int fd; /* -1: closed */
    int epoll_fd;
    uint32_t watched; /* what epoll was told */
    SSL *tls;         /* NULL: in clear */
    void *owner;      /* comes back from epoll */
    struct link_piece pieces[2];
    size_t sent;
    const char *why;
};

SSL_CTX *link_tls_context(const struct plan *plan); /* NULL: no such TLS here */
enum link_progress link_open(struct link *link, const struct plan *plan);
void link_close(struct link *link);

/* Starts TLS as a client; link_handshake goes on with it until LINK_DONE. */
enum link_progress link_begin_tls(struct link *link, SSL_CTX *context);
enum link_progress link_handshake(struct link *link);
void link_thumbprint(const struct link *link, char out_hex[41]); /* SHA-1 of the peer's own */

void link_give(struct link *link, struct link_piece first, struct link_piece second);
enum link_progress link_send(struct link *link);
/* Bytes read, 0 when there are none now, LINK_LOST. */
int link_receive(struct link *link, char *buffer, size_t size);

#endif
