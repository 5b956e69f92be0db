/* SPDX-License-Identifier: Apache-2.0 */
/* settlement - writes down what became of one attempt to deliver to one recipient.
 *
 * What was refused for good, and what has waited too long, is given up: its sender is told first
 * (hub/notices), then the recipient leaves the queue. Every call ends our ownership of the
 * recipient.
 */
#ifndef HUB_SETTLEMENT_H
#define HUB_SETTLEMENT_H

#include "hub/scheduler.h"

/* `what` and `reply` are borrowed during the call. A reply is what the other side said, or what it
 * might have said: "550 5.1.1 User unknown". */
void settle_done(struct hub *hub, const struct scheduled *what);
void settle_failed(struct hub *hub, const struct scheduled *what, struct slice reply);
/* Tried again (model/retry), or given up when its time is over. */
void settle_later(struct hub *hub, const struct scheduled *what, struct slice reply);
/* It has no way: it waits for one until it expires. */
void settle_no_way(struct hub *hub, const struct scheduled *what);
/* Nothing was tried; back to the queue, due at once. */
void settle_released(struct hub *hub, const struct scheduled *what);

#endif
