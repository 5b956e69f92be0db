/* SPDX-License-Identifier: Apache-2.0 */
/* control - the control socket: who calls, one request after the other, one reply each.
 *
 * Anybody on the machine may connect; hub/caller says who it is, hub/places whether there is room
 * for him. A request is at most OPERATION_REQUEST_MAX, of who may not bring certificates
 * OPERATION_SMALL_MAX. It must arrive within 10 s, and is answered before the next is read; a reply
 * (or the file behind it) of which nothing is taken for 10 s is dropped.
 *
 * Whoever has no role gets 4 KiB and 5 s, enough to bring a token; without one he is told who he is
 * and what would let him in, and the connection ends. So it does with the first wrong token, which
 * is answered after a second.
 */
#ifndef HUB_CONTROL_H
#define HUB_CONTROL_H

#include "hub/call.h"

MUST_USE int control_open(struct hub *hub, int listener_take);
/* Hangs up on those whom a file of the store is on its way to: before the store is closed. */
void control_drop_files(struct hub *hub);
void control_close(struct hub *hub);
void control_call_ended(struct call *call); /* the reply is complete: send it, free the call */

#endif
