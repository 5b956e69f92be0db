/* SPDX-License-Identifier: Apache-2.0 */
/* events - what other roles report: to standard error and into the log of events.
 *
 * A stranger can make an edge report without end (connections that are turned away, handshakes that
 * fail). A process has so many events a second; what is more is counted, and a second later the
 * count is an event: nobody washes others out of the log.
 */
#ifndef HUB_EVENTS_H
#define HUB_EVENTS_H

#include "hub/state.h"

void events_begin(struct hub *hub);
void events_end(struct hub *hub);
void events_relay(struct hub *hub, struct peer *peer, const struct wire_event *event);

#endif
