/* SPDX-License-Identifier: Apache-2.0 */
/* login_table - logins under way, found by the edge's session and by the number of our own
 * question. Each edge has half of the places at most, so that one alone cannot keep the others out.
 */
#ifndef VAULT_LOGIN_TABLE_H
#define VAULT_LOGIN_TABLE_H

#include "sasl/server.h"
#include "vault/logins.h"

enum { LOGIN_BUCKETS = 1024, EDGE_LOGINS_MAX = LOGINS_MAX / 2 };
_Static_assert(EDGE_LOGINS_MAX <= 65535, "the count of an edge's logins fits");

enum login_state { LOGIN_EXCHANGING, LOGIN_ASKING, LOGIN_CHECKING };

struct login {
    struct login *next; /* in its bucket */
    unsigned edge;
    uint64_t session;
    uint64_t request; /* of the question and the check; its low bits are the bucket */
    enum login_state state;
    struct sasl_server *server;
    uint64_t since_ms; /* of the last message, or of the question */
    bool proves;       /* the password is not sent: SCRAM */
    bool known;        /* it is judged by the account's own verifier */
    struct text id, account, addresses;
};

struct login_table { /* zeroed but for the salt: empty */
    struct login *buckets[LOGIN_BUCKETS];
    unsigned short of_edge[LOGIN_EDGES_MAX];
    size_t count;
    uint64_t salt, last_request;
};

struct login *login_table_find(const struct login_table *table, unsigned edge, uint64_t session);
struct login *login_table_find_request(const struct login_table *table, uint64_t request,
                                       enum login_state state);
/* NULL: too many are under way, or no memory. */
struct login *login_table_add(struct login_table *table, unsigned edge, uint64_t session);
void login_table_remove(struct login_table *table,
                        struct login *login); /* frees it, and what it owns */
typedef void login_visit_fn(void *context, struct login *login, uint64_t argument);
/* For each; `visit` may remove the one it is given. */
void login_table_each(struct login_table *table, uint64_t argument, login_visit_fn *visit,
                      void *context);

#endif
