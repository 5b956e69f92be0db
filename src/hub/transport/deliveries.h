/* SPDX-License-Identifier: Apache-2.0 */
/* deliveries - mail for Maildirs of ours: what waits, and what couriers have in hand. None where
 * another server holds the mailboxes (hub/transport/mailbox_transport).
 *
 * At most COURIER_WINDOW deliveries are out with one courier; what a courier held when it died is
 * handed out again, with care (hub/transport/poison).
 */
#ifndef HUB_TRANSPORT_DELIVERIES_H
#define HUB_TRANSPORT_DELIVERIES_H

#include "hub/state.h"
#include "hub/transport/parcel.h"

enum { DELIVERIES_WAITING_MAX = 20000 /* more is left to the store */ };

MUST_USE int deliveries_begin(struct hub *hub);
void deliveries_end(struct hub *hub);
/* False: there is no room for what has not been claimed, or the queue is suspended. */
bool deliveries_have_room(const struct hub *hub);
size_t deliveries_waiting(const struct hub *hub);
void deliveries_add(struct hub *hub, struct parcel *parcel_take);
/* Hands out what may be. */
void deliveries_run(struct hub *hub);
void deliveries_done(struct hub *hub, struct peer *courier, const struct wire_delivered *delivered);
void deliveries_courier_lost(struct hub *hub, struct peer *courier);
/* The store has suspended or resumed the queue. */
void deliveries_hold(struct hub *hub, bool held);
/* As scheduler_give_back. */
void deliveries_give_back(struct hub *hub, uint64_t message, bool removed);

#endif
