/* SPDX-License-Identifier: Apache-2.0 */
/* checker - the vault's other loop: logins and ticket keys for the edges; verifiers, certificate
 * files and new keys for the hub.
 *
 * Everything the hub asks is answered once, to the hub that asked. What an edge sends is hostile:
 * it can reach its own sessions only, and a broken frame ends its wire.
 */
#ifndef VAULT_CHECKER_H
#define VAULT_CHECKER_H

#include "vault/importer.h"
#include "vault/kek.h"
#include "vault/logins.h"
#include "vault/ticket_source.h"
#include "wire/channel.h"

enum { CHECKER_EDGES_MAX = LOGIN_EDGES_MAX, CHECKER_QUEUE_MAX = LOGINS_CHECKING_MAX + 64 };

struct checker_edge {
    struct checker *checker;
    unsigned index;
    struct channel channel;
    struct deferred lost; /* its logins go at the end of the turn */
};

struct checker {
    struct loop *loop;
    const struct kek *kek;
    struct worker_pool *pool;
    struct importer *importer;
    struct logins *logins;
    struct ticket_source tickets;
    struct channel hub;
    uint64_t hub_number; /* which hub: counts the wires to it */
    struct deferred hub_lost;
    struct channel_owner hub_owner, edge_owner;
    struct checker_edge *edges[CHECKER_EDGES_MAX]; /* made when first wired */
    bool told_of_local_kek, broken;
};

/* Starts the threads, so before the sandbox. Takes the socket to the zygote in any case. 0 or
 * -errno; then nothing is left. */
MUST_USE int checker_begin(struct checker *checker, struct loop *loop, const struct kek *kek,
                           unsigned threads, int zygote_fd_take);
/* A wire from the supervisor; one of another role is closed. */
void checker_attach(struct checker *checker, enum wire_role peer, unsigned index, int fd_take);
void checker_end(struct checker *checker);

#endif
