/* SPDX-License-Identifier: Apache-2.0 */
/* scheduler - gives due recipients to couriers, and writes down what became of them.
 *
 * What was accepted just now is known here and handed out without asking the store; what waits
 * (deferred, or left by a crash) is claimed when it is due. At most COURIER_WINDOW deliveries are
 * out with one courier; what a courier held when it died is handed out again. Mail for a mailbox
 * goes to its Maildir; mail for elsewhere waits in the queue `unreachable` until something can
 * carry it. What is refused for good, and what has waited too long, is given up: its sender is told
 * first (hub/notices), then the recipient leaves the queue.
 */
#ifndef HUB_SCHEDULER_H
#define HUB_SCHEDULER_H

#include "hub/scheduled.h"
#include "hub/state.h"

enum { SCHEDULER_EXPIRES_MS = 2 * 24 * 3600 * 1000 }; /* MessageExpirationTimeout */

MUST_USE int scheduler_begin(struct hub *hub);
void scheduler_end(struct hub *hub);
/* The queue an address belongs to, by the model in force. A literal. */
struct slice scheduler_destination(struct hub *hub, struct slice address);
void scheduler_add(struct hub *hub, struct slice destination, const struct scheduled *work);
void scheduler_courier_ready(struct hub *hub);
void scheduler_courier_lost(struct hub *hub, struct peer *courier);
void scheduler_delivered(struct hub *hub, struct peer *courier,
                         const struct wire_delivered *delivered);
/* What waits for mailboxes is held, or handed out again: the queue is suspended in the store. */
void scheduler_hold(struct hub *hub, bool held);
/* A message in our hand that no courier has goes back to the store (which has suspended it), or is
 * forgotten (the store has removed it). */
void scheduler_give_back(struct hub *hub, uint64_t message, bool removed);
/* False under high back pressure, or when the store takes nothing any more. */
bool scheduler_accepts(struct hub *hub);

#endif
