/* SPDX-License-Identifier: Apache-2.0 */
/* control - the control socket: who calls, one request after the other, one reply each.
 *
 * The caller is who the kernel says (SO_PEERCRED). Root and the user the server runs as administer;
 * others are refused. A request is at most OPERATION_REQUEST_MAX, must arrive within 10 s, and is
 * answered before the next is read.
 */
#ifndef HUB_CONTROL_H
#define HUB_CONTROL_H

#include "hub/call.h"

MUST_USE int control_open(struct hub *hub, int listener_take);
void control_close(struct hub *hub);
void control_call_ended(struct call *call); /* the reply is complete: send it, free the call */

#endif
