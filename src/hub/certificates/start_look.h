/* SPDX-License-Identifier: Apache-2.0 */
/* start_look - every listener seen from outside once, when the server has started: what is wrong
 * since the last time (a firewall, a foreign listener, a key that is gone) is said before a client
 * meets it. Nothing waits for it; its events are all that is wanted of it.
 */
#ifndef HUB_CERTIFICATES_START_LOOK_H
#define HUB_CERTIFICATES_START_LOOK_H

#include "hub/state.h"

/* To be called when the hub is ready, and when a courier has come: it looks once both are so. */
void start_look(struct hub *hub);

#endif
