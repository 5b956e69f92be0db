/* SPDX-License-Identifier: Apache-2.0 */
/* settlement - writes down what became of one attempt to deliver to one recipient.
 *
 * What was refused for good, and what has waited too long, is given up: its sender is told first
 * (hub/transport/notices), then the recipient leaves the queue. Every call ends our ownership of
 * the recipient. Everything is borrowed during the call.
 */
#ifndef HUB_TRANSPORT_SETTLEMENT_H
#define HUB_TRANSPORT_SETTLEMENT_H

#include "hub/transport/parcel.h"
#include "hub/transport/said.h"
#include "hub/transport/scheduler.h"

void settle_delivered(struct hub *hub, const struct scheduled *what); /* to a mailbox of ours */
/* Taken by another server, which may be the one that holds our mailboxes. When it gives no notices
 * of success, a sender who asked for one is told by us. */
void settle_relayed(struct hub *hub, const struct scheduled *what, const struct said *said,
                    bool notices_are_ours);
void settle_failed(struct hub *hub, const struct scheduled *what, const struct said *said);
/* Tried again (model/retry), or given up when its time is over. */
void settle_later(struct hub *hub, const struct scheduled *what, const struct said *said);
/* The same, where its next hop is tried again at `retry_at_ms` and not sooner. */
void settle_with_hop(struct hub *hub, const struct scheduled *what, const struct said *said,
                     int64_t retry_at_ms);
/* It has no way: it waits for one until it expires. */
void settle_no_way(struct hub *hub, const struct scheduled *what);
/* Nothing was tried, for its next hop waits until then: back to the queue; or as settle_with_hop,
 * when its time is over or its sender is to hear of the delay. */
void settle_put_off(struct hub *hub, const struct scheduled *what, const struct said *said,
                    int64_t retry_at_ms);
/* Nothing was tried; back to the queue, due at that moment at the latest. */
void settle_released(struct hub *hub, const struct scheduled *what, int64_t due_at_ms);
/* All parcels of a message leave the list: to the queue, due now; or to nowhere, when it is
 * removed.
 */
void settle_given_back(struct hub *hub, struct parcel_list *list, uint64_t message, bool removed);

#endif
