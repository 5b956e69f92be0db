/* SPDX-License-Identifier: Apache-2.0 */
/* poison - messages that take down whoever delivers them.
 *
 * What a courier has in hand when it dies has seen a death; the count is kept in the store. Such
 * messages are tried again apart from others, in smaller and smaller company
 * (hub/transport/isolation), and the last death counts only if it was alone: nobody is convicted
 * for what travelled beside him. That death sets a message aside: it waits in the queue Poison,
 * suspended, until an administrator resumes it, which clears it of all suspicion, or removes it.
 * The orderly end of the whole server is no death.
 */
#ifndef HUB_TRANSPORT_POISON_H
#define HUB_TRANSPORT_POISON_H

#include "hub/state.h"
#include "hub/transport/parcel.h"

extern const struct slice poison_key; /* of the queue, in the store */

MUST_USE int poison_begin(struct hub *hub);
void poison_end(struct hub *hub);
/* A courier has died: what it had in hand is named next. */
void poison_death(struct hub *hub, const struct peer *courier);
/* That courier had it in hand. It goes back to the scheduler, suspected of one death more; or waits
 * until it is known how the courier died (hub/transport/accused), if that would convict it. */
void poison_suspect(struct hub *hub, struct parcel *parcel_take);
/* It has killed its courier: the scheduler will set it aside. */
void poison_convict(struct hub *hub, struct parcel *parcel);
/* It has seen too many deaths: takes it, and all that waits of its message. */
void poison_set_aside(struct hub *hub, struct parcel *parcel_take);

#endif
