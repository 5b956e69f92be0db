/* SPDX-License-Identifier: Apache-2.0 */
/* tidings - what senders are to hear, gathered for a moment, so that one notice tells of all
 * recipients of a message that share their fate, and a message to a hundred does not bring a
 * hundred back (RFC 3464 2.3: a group of fields for each).
 *
 * What is gathered when the hub ends is forgotten: its recipients are in the queue as before, are
 * tried once more, and their senders are told then, and once.
 */
#ifndef HUB_TRANSPORT_TIDINGS_H
#define HUB_TRANSPORT_TIDINGS_H

#include "hub/transport/notices.h"

MUST_USE int tidings_begin(struct hub *hub);
void tidings_end(struct hub *hub);
/* As notices_send with one outcome. `done` may be called before it returns, when there is no
 * memory. `context` is NULL, or freed with free() when the end comes first. */
void tidings_add(struct hub *hub, uint64_t message, const struct outcome_told *outcome,
                 notices_done_fn *done, void *context);

#endif
