/* SPDX-License-Identifier: Apache-2.0 */
/* notices - tells the sender of a message what became of its recipients, before the queue forgets
 * them.
 *
 * A notice is a message of its own (mail/notice), from the null sender; it is durable before `done`
 * is called with true. So a recipient is given up only after its sender was told - at worst twice,
 * after a crash between the two.
 */
#ifndef HUB_TRANSPORT_NOTICES_H
#define HUB_TRANSPORT_NOTICES_H

#include "hub/state.h"
#include "mail/notice.h"

struct outcome_told { /* of one recipient of a message */
    uint32_t recipient;
    enum notice_action action;
    struct slice reply;         /* "550 5.1.1 ..."; the status is read from it */
    struct slice remote_server; /* empty: the verdict is our own */
    /* Of an address that was expanded to the recipient and others, and is in no queue itself: what
     * is told of; else empty. */
    struct slice address, data;
};

/* true: whoever was to be told is; false: the store took no notice, try again later. */
typedef void notices_done_fn(void *context, bool told);

/* The mailbox that mail of the server itself comes from: postmaster of our default domain. */
bool notices_append_postmaster(const struct hub *hub, struct text *out);

/* Everything is borrowed during the call. `done` may be called before it returns. */
void notices_send(struct hub *hub, uint64_t message, const struct outcome_told *outcomes,
                  size_t count, notices_done_fn *done, void *context);

#endif
