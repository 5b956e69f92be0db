/* SPDX-License-Identifier: Apache-2.0 */
/* scheduler - gives due recipients to couriers, and writes down what became of them.
 *
 * What was accepted just now is known here and handed out without asking the store; what waits
 * (deferred, or left by a crash) is claimed when it is due. Mail for a mailbox goes to its Maildir
 * (hub/transport/deliveries), mail for elsewhere to its next hop (hub/transport/hops); without one
 * it waits in the queue `unreachable`. What is refused for good, and what has waited too long, is
 * given up: its sender is told first (hub/transport/notices), then the recipient leaves the queue.
 */
#ifndef HUB_TRANSPORT_SCHEDULER_H
#define HUB_TRANSPORT_SCHEDULER_H

#include "hub/state.h"
#include "hub/transport/scheduled.h"

enum { SCHEDULER_EXPIRES_MS = 2 * 24 * 3600 * 1000 }; /* MessageExpirationTimeout */

MUST_USE int scheduler_begin(struct hub *hub);
void scheduler_end(struct hub *hub);
void scheduler_add(struct hub *hub, const struct scheduled *what);
void scheduler_courier_ready(struct hub *hub);
void scheduler_courier_lost(struct hub *hub, struct peer *courier);
/* What a courier says of a connection to another server. False: it breaks the order. */
bool scheduler_relayed(struct hub *hub, struct peer *courier, const struct frame *frame);
/* What a courier held when it died: its way is looked for once more, at the end of the turn. */
struct parcel;
void scheduler_put(struct hub *hub, struct parcel *parcel_take);
/* What waits for a destination goes back to the store, or is handed out again: the store has
 * suspended or resumed it. */
void scheduler_hold(struct hub *hub, struct slice destination, bool held);
/* What is put off until the next hop is tried again need not wait any more. */
void scheduler_retry(struct hub *hub, struct slice destination);
/* A message in our hand that no courier has goes back to the store (which has suspended it), or is
 * forgotten (the store has removed it). */
void scheduler_give_back(struct hub *hub, uint64_t message, bool removed);
/* Hands out what waits for one destination and is due by then, at most so much. */
void scheduler_claim(struct hub *hub, struct slice destination, int64_t due_ms, size_t limit);
/* False under high back pressure, or when the store takes nothing any more. */
bool scheduler_accepts(struct hub *hub);

#endif
