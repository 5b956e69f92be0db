/* SPDX-License-Identifier: Apache-2.0 */
/* filter - one content filter of a session: its socket, its deadline, and the conversation with it.
 *
 * The socket comes from a courier, by way of the hub: an edge opens none. Whatever happens here is
 * told to the chain (edge/filters) as filters_moved, last thing of all, since that may end the
 * connection and this filter with it.
 */
#ifndef EDGE_FILTER_H
#define EDGE_FILTER_H

#include "base/slice.h"
#include "milter/milter.h"
#include "os/loop.h"

struct edge;
struct filters;

enum { FILTER_WHY_MAX = 160 };

struct filter {
    struct filters *filters;
    unsigned number;       /* on its connector */
    struct slice endpoint; /* of the session's configuration */
    struct milter milter;
    int fd;                   /* -1: not connected */
    bool begun;               /* `milter` is initialised */
    bool asked;               /* the hub has been asked for a connection */
    bool told;                /* its failure has been reported */
    bool gone;                /* it has left behind its last word */
    bool held;                /* not read before the hub has room for what it makes of a message */
    struct filter *next_held; /* of the edge */
    bool dropped;             /* it failed in the middle of its changes: the message cannot go on */
    char why[FILTER_WHY_MAX]; /* it cannot be reached */
    struct watch watch, limit;
};

void filter_init(struct filter *filter, struct filters *filters, unsigned number,
                 struct slice endpoint);
void filter_end(struct filter *filter); /* says goodbye if that is possible at once */
/* A message begins: connects first where that is needed, also after a failure. */
void filter_mail(struct filter *filter);
/* Behind every command of the conversation: sends, and waits for what is awaited. */
void filter_settle(struct filter *filter);
void filter_connected(struct filter *filter, int fd_take);
void filter_fail(struct filter *filter, const char *why);
bool filter_is_settled(const struct filter *filter);
bool filter_has_failed(const struct filter *filter);
/* It is to be told more of the message. */
bool filter_listens(const struct filter *filter);
/* The hub has room again, or is gone: those that were held are read on. */
void filter_release_held(struct edge *edge);

#endif
