/* SPDX-License-Identifier: Apache-2.0 */
/* logins - the SASL exchanges of all edges, from the first message to the verdict.
 *
 *   exchanging --credentials complete--> asking (the hub, for the account)
 *              --account or none-------> checking (a worker; a dummy when there is none)
 *              --verdict---------------> answered, gone
 *
 *   exchanging --a name, SCRAM---------> asking
 *              --account or none-------> exchanging, with its keys or pretended ones, to the
 * verdict
 *
 * A login belongs to one session of one edge and can be reached by no other. Bounded: LOGINS_MAX
 * together, half of that for one edge, LOGINS_CHECKING_MAX waiting for a worker; what passes a
 * bound is answered UNAVAILABLE. An exchange that is silent for a minute is forgotten, a hub that
 * is silent for ten seconds makes the login UNAVAILABLE. Unknown and known accounts cost the same
 * time.
 */
#ifndef VAULT_LOGINS_H
#define VAULT_LOGINS_H

#include "os/worker.h"
#include "vault/kek.h"
#include "wire/messages.h"

enum {
    LOGINS_MAX = 4096,
    LOGINS_CHECKING_MAX = 256,
    LOGIN_IDLE_MS = 60 * 1000,
    LOGIN_ACCOUNT_MS = 10 * 1000,
    LOGIN_EDGES_MAX = 1024,
};

struct logins;

/* None of these may call back into the logins before it returns. */
struct logins_owner {
    void (*answer)(void *context, unsigned edge, const struct wire_sasl_answer *answer);
    /* False: there is no hub to ask. */
    bool (*question)(void *context, const struct wire_account_question *question);
    /* A stored verifier that does not open: something for the log. */
    void (*unreadable)(void *context, struct slice account);
    void *context;
};

/* Takes as long as one check: it makes the dummy. NULL without memory. */
MUST_USE struct logins *logins_new(struct loop *loop, const struct kek *kek,
                                   struct worker_pool *pool, const struct logins_owner *owner);
/* The pool has been freed. Accepts NULL. */
void logins_free(struct logins *logins);

void logins_step(struct logins *logins, unsigned edge, const struct wire_sasl *message);
void logins_abandon(struct logins *logins, unsigned edge, uint64_t session);
void logins_abandon_edge(struct logins *logins, unsigned edge);
void logins_account(struct logins *logins, const struct wire_account_answer *account);
void logins_hub_lost(struct logins *logins); /* what asks it is UNAVAILABLE */
/* Forgets what is too old at that moment; a timer does it, too. */
void logins_sweep(struct logins *logins, uint64_t now_ms);
size_t logins_count(const struct logins *logins);

#endif
