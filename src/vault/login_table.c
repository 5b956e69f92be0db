/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/login_table.h"

#include <stdlib.h>

static size_t bucket_of(const struct login_table *table, unsigned edge, uint64_t session)
{
    uint64_t mixed = (session ^ table->salt) * 0x9e3779b97f4a7c15u + edge * 0xbf58476d1ce4e5b9u;
    return (size_t)(mixed >> 54);
}
_Static_assert(LOGIN_BUCKETS == 1 << (64 - 54), "a bucket for each value of the topmost bits");

struct login *login_table_find(const struct login_table *table, unsigned edge, uint64_t session)
{
    struct login *login = table->buckets[bucket_of(table, edge, session)];
    while (login && (login->edge != edge || login->session != session))
        login = login->next;
    return login;
}

struct login *login_table_find_request(const struct login_table *table, uint64_t request,
                                       enum login_state state)
{
    struct login *login = table->buckets[request % LOGIN_BUCKETS];
    while (login && (login->request != request || login->state != state))
        login = login->next;
    return login;
}

void login_table_remove(struct login_table *table, struct login *login)
{
    struct login **link = &table->buckets[bucket_of(table, login->edge, login->session)];
    while (*link != login)
        link = &(*link)->next;
    *link = login->next;
    table->of_edge[login->edge]--;
    table->count--;
    sasl_server_free(login->server);
    text_deinit(&login->id);
    text_deinit(&login->account);
    text_deinit(&login->addresses);
    free(login);
}

struct login *login_table_add(struct login_table *table, unsigned edge, uint64_t session)
{
    if (table->count == LOGINS_MAX || table->of_edge[edge] == EDGE_LOGINS_MAX)
        return NULL;
    struct login *login = calloc(1, sizeof *login);
    if (!login)
        return NULL;
    size_t bucket = bucket_of(table, edge, session);
    login->edge = edge;
    login->session = session;
    login->request = ++table->last_request * LOGIN_BUCKETS + bucket;
    login->next = table->buckets[bucket];
    table->buckets[bucket] = login;
    table->of_edge[edge]++;
    table->count++;
    return login;
}

void login_table_each(struct login_table *table, uint64_t argument, login_visit_fn *visit,
                      void *context)
{
    for (size_t i = 0; i < LOGIN_BUCKETS; i++)
        for (struct login *login = table->buckets[i], *next; login; login = next) {
            next = login->next;
            visit(context, login, argument);
        }
}
