/* SPDX-License-Identifier: Apache-2.0 */
/* queue_clock - how long a message has really waited, whatever was done to the clock on the wall.
 *
 * What the clock has jumped over (hub/transport/clock_jumps) is not waited for: nothing expires of
 * it, and no sender hears of a delay. It is kept in logs/clock.jumps, and each jump is an event.
 */
#ifndef HUB_TRANSPORT_QUEUE_CLOCK_H
#define HUB_TRANSPORT_QUEUE_CLOCK_H

#include "hub/state.h"

/* Which start of the machine this is; before the sandbox, which hides it. */
void queue_clock_find_boot(struct hub *hub);
void queue_clock_begin(struct hub *hub);
/* Once in a while; a jump is seen, and kept. */
void queue_clock_look(struct hub *hub);
/* By how much later than it is written the moments of a message are that came in at `since_ms`. */
int64_t queue_clock_late_ms(struct hub *hub, int64_t since_ms);

#endif
