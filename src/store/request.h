/* SPDX-License-Identifier: Apache-2.0 */
/* request - one thing to be written, on its way from the caller to the writer thread and back.
 *
 * Made by the caller's thread, written by the writer, settled and freed by the caller's thread: it
 * is never seen by two threads at once. It owns copies of everything it needs.
 */
#ifndef STORE_REQUEST_H
#define STORE_REQUEST_H

#include "store/store.h"

enum request_kind {
    REQUEST_ACCEPT,
    REQUEST_FINISH,
    REQUEST_OWN,
    REQUEST_MOVE,
    REQUEST_EXCHANGE,
    REQUEST_DESTINATION,
    REQUEST_MESSAGE,
    REQUEST_ASIDE,
    REQUEST_DAMAGED,
    REQUEST_COMPACT,
    REQUEST_CONFIG,
};

/* A message whose last row went, and the segment its body was in (0: none). */
struct removal {
    uint64_t message;
    uint32_t segment;
    bool removed;
};

struct accept_request {
    struct body *body;
    struct envelope envelope; /* its slices point into packed */
    struct slice packed;      /* as it stands in a segment record, with up to 7 zeros behind */
    char head[64];
    bool in_row;
    uint32_t segment;
    uint64_t offset; /* of the body in its segment */
    bool inserted;
};

struct finish_request {
    struct delivery_outcome *outcomes;
    struct removal *removals; /* one for each outcome */
    size_t count;
    uint64_t recipients_gone;
};

struct own_request {
    size_t count;
    struct own_row {
        uint64_t message;
        uint32_t recipient;
    } rows[];
};

struct move_request {
    struct recipient_move *moves;
    size_t count;
};

struct exchange_request {
    struct recipient_exchange exchange; /* its slices point into the request */
    uint64_t gone;
};

struct set_request {
    enum queue_order order;
    uint64_t message;
    struct slice destination;
    int64_t at_ms;
    struct removal removal;
};

enum { COMPACTION_STEP_MESSAGES = 64 };

/* Bodies that leave `segment`: the first `handled` were looked at. */
struct compact_request {
    uint32_t segment;
    size_t count, handled;
    struct moved_body {
        uint64_t message;
        uint64_t offset; /* in the new segment; 0: it is not there */
        bool moved;      /* its row says so */
    } bodies[COMPACTION_STEP_MESSAGES];
};

struct request {
    struct request *next;
    enum request_kind kind;
    store_done_fn *done; /* NULL: nobody waits */
    void *context;
    enum store_outcome outcome;
    uint64_t number;
    size_t weight; /* bytes it holds */
    bool lazy;     /* does not wake the writer by itself */
    void *memory;  /* one block behind the pointers below */
    union {
        struct accept_request accept;
        struct finish_request finish;
        struct own_request *own;
        struct move_request move;
        struct exchange_request exchange;
        struct set_request set;
        struct compact_request *compact;
        struct config_batch config;
    };
};

struct request_list {
    struct request *first, *last;
};

/* NULL without memory. */
struct request *request_new_accept(const struct envelope *envelope);
struct request *request_new_finish(const struct delivery_outcome *outcomes, size_t count);
struct request *request_new_own(size_t count_max);
struct request *request_new_move(const struct recipient_move *moves, size_t count);
struct request *request_new_exchange(const struct recipient_exchange *exchange);
struct request *request_new_set(enum request_kind kind, const struct set_request *set);
struct request *request_new_compact(uint32_t segment);
struct request *request_new_config(const struct config_batch *batch);
void request_free(struct request *request); /* not the body of an accept; accepts NULL */

void request_list_add(struct request_list *list, struct request *request);
struct request *request_list_take(struct request_list *list); /* the first; NULL when empty */
void request_list_append(struct request_list *list, struct request_list *other_take);

#endif
