/* SPDX-License-Identifier: Apache-2.0 */
/* order - what the orders to queues and those to messages have in common.
 *
 * The store has the order first, then the scheduler, which may hold some of the mail in its hand.
 * What a courier has by then is delivered all the same.
 */
#ifndef HUB_HANDLERS_ORDER_H
#define HUB_HANDLERS_ORDER_H

#include "hub/call.h"
#include "store/store.h"

/* "is suspended", or of many "are suspended". */
const char *order_outcome(enum queue_order order, bool many);
/* Nothing of the configuration changes, so the trail of changes has no row of it. */
void order_write_event(const struct call *call);
void order_fail(struct call *call, int result); /* of the store */

#endif
