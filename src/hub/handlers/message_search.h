/* SPDX-License-Identifier: Apache-2.0 */
/* message_search - the messages of the queue that a call asks for, by -Queue, -Filter, -SortOrder,
 * -ResultSize and the bookmarks: their numbers, in order.
 *
 * A long queue is looked through a page at a time, so that mail does not wait for it. Of each row
 * only that is read which the filter and the order ask for, and nothing is kept of what does not
 * fit.
 */
#ifndef HUB_HANDLERS_MESSAGE_SEARCH_H
#define HUB_HANDLERS_MESSAGE_SEARCH_H

#include "hub/handlers/message_order.h"
#include "operations/filter.h"
#include "os/loop.h"

enum { MESSAGE_RESULT_SIZE_DEFAULT = 1000, MESSAGE_RESULT_SIZE_MAX = 1000000 };

typedef void message_search_fn(void *context, bool good); /* false: the call has failed */

struct message_search_current { /* the message whose recipients are being looked at */
    bool open, fits;
    uint64_t message;
    unsigned met, broken;     /* conditions on the list: some element fits, some does not; by bit */
    struct message_rank rank; /* of one that fits */
    struct message_rank_storage rank_storage;
};

struct message_search {
    struct call *call;
    struct filter filter;
    const struct message_property *asked[FILTER_CONDITIONS_MAX]; /* by condition */
    struct message_order order;
    struct message_pick pick;
    struct slice queue;
    struct queue_filter range;
    size_t result_size;
    bool backward, counts, has_bookmark, has_index, includes;
    bool judges_queue; /* row by row: the store is not asked for one destination */
    size_t index;      /* of the bookmark, from 1 */
    struct message_rank bookmark;
    struct message_rank_storage bookmark_storage;
    bool met_bookmark; /* it is among what fits */
    char key_bytes[512];

    struct message_search_current current;
    bool enough, failed;
    int64_t now_ms; /* of the page */
    struct text scratch;
    char scratch_bytes[MESSAGE_SCRATCH_BYTES];
    struct watch next;
    message_search_fn *done;
    void *context;

    /* what it has found */
    bool seen;                        /* there was something in the queue */
    const struct message_rank *found; /* in order */
    size_t count;
    size_t matches, before; /* when it counts: all that fit, and those in front of `found` */
};

/* Reads the parameters that the call has. NULL: the call has failed. */
MUST_USE struct message_search *message_search_new(struct call *call);
/* Only this message. */
void message_search_narrow(struct message_search *search, uint64_t message);
/* All that fits, whatever -ResultSize says. */
void message_search_all(struct message_search *search);
/* `done` may run before it returns. */
void message_search_start(struct message_search *search, message_search_fn *done, void *context);
void message_search_free(struct message_search *search); /* accepts NULL */

#endif
