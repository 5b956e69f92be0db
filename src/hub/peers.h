/* SPDX-License-Identifier: Apache-2.0 */
/* peers - the processes the hub is wired to: what each may say, who in this room hears it, and what
 * its end means. One that breaks the order of frames is ended; the supervisor starts it anew.
 */
#ifndef HUB_PEERS_H
#define HUB_PEERS_H

#include "hub/state.h"

void peers_begin(struct hub *hub);
/* Of the supervisor (role_handlers): a new wire. Takes the descriptor. */
void peers_attach(void *context, enum wire_role role, unsigned index, int fd_take);
/* Of the supervisor: how a process ended. Its wire may be closed by now, or still hold what it had
 * said. */
void peers_ended(struct hub *hub, const struct wire_peer_ended *ended);

#endif
