/* SPDX-License-Identifier: Apache-2.0 */
/* message_order - messages in the order that -SortOrder asks for ("+FromAddress,-Size"), and of
 * those of a long walk the first or the last so many.
 *
 * Equal ones, and all of them when nothing is said, come in the order in which they were received.
 */
#ifndef HUB_HANDLERS_MESSAGE_ORDER_H
#define HUB_HANDLERS_MESSAGE_ORDER_H

#include "hub/handlers/message_property.h"

enum { MESSAGE_ORDER_MAX = 8 };

struct message_order {
    struct {
        const struct message_property *property;
        bool falls; /* the largest first */
    } columns[MESSAGE_ORDER_MAX];
    size_t count;
};

/* False: the error says what is wrong. */
MUST_USE bool message_order_parse(struct slice written, struct message_order *out,
                                  struct text *error);

struct message_key {
    struct slice text;
    int64_t number;
};

struct message_rank { /* where a message stands */
    uint64_t message;
    struct message_key *keys; /* one for each column */
};

/* What follows the first bytes of a text decides nothing. */
enum { MESSAGE_KEY_TEXT_MAX = 256 };

/* What a rank points into. */
struct message_rank_storage {
    struct message_key keys[MESSAGE_ORDER_MAX];
    char texts[MESSAGE_ORDER_MAX * MESSAGE_KEY_TEXT_MAX];
};

/* What has to be read of an item for its rank: enum queue_field. */
unsigned message_order_fields(const struct message_order *order);
/* Good as long as the storage is. */
struct message_rank message_rank_read(const struct message_order *order,
                                      const struct message_sight *sight,
                                      struct message_rank_storage *storage);
int message_rank_compare(const struct message_order *order, const struct message_rank *a,
                         const struct message_rank *b);

/* The best so many of what is offered: the first ones, or the last ones. */
struct message_pick {
    const struct message_order *order;
    bool last;
    size_t most;
    struct message_rank *ranks; /* its own copies; a heap until it is settled, the worst in front */
    size_t count, capacity;
    size_t key_bytes; /* of all of them */
};

enum message_pick_outcome { MESSAGE_PICK_OK, MESSAGE_PICK_NO_MEMORY, MESSAGE_PICK_TOO_MANY };

enum message_pick_outcome message_pick_offer(struct message_pick *pick,
                                             const struct message_rank *rank);
void message_pick_settle(struct message_pick *pick); /* in order, first to last */
void message_pick_free(struct message_pick *pick);

#endif
