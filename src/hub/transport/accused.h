/* SPDX-License-Identifier: Apache-2.0 */
/* accused - a message that was alone with its courier when that died, until it is known how.
 *
 * A courier that crashed, or was ended because it hung, convicts its only message
 * (hub/transport/poison). One that was killed from outside, by an administrator, or by the kernel
 * because memory was short, says little: the message is acquitted and tried again, and only the
 * third such end with the same message in hand convicts it. The supervisor knows how a process
 * ended and says so about when the hub sees the courier's wire close, just before or just after;
 * what it does not say within ACCUSED_WAIT_MS counts as a crash.
 *
 * Ends from outside are counted in memory alone, for the last few messages: who kills couriers as a
 * rule comes back at once.
 */
#ifndef HUB_TRANSPORT_ACCUSED_H
#define HUB_TRANSPORT_ACCUSED_H

#include "hub/state.h"
#include "hub/transport/parcel.h"

enum { ACCUSED_WAIT_MS = 2000, ACCUSED_ENDS_MAX = 3 };

MUST_USE int accused_begin(struct hub *hub);
void accused_end(struct hub *hub);
/* The message, for one of its recipients; the courier's end may be known already. */
void accused_add(struct hub *hub, struct parcel *parcel_take, enum courier_end end);
/* The supervisor's word about a courier that is gone. */
void accused_judge(struct hub *hub, enum courier_end end);
/* By order: an administrator has removed the message, or wants it back in its queue. */
void accused_give_back(struct hub *hub, uint64_t message, bool removed);

#endif
