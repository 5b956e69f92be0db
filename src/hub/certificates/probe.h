/* SPDX-License-Identifier: Apache-2.0 */
/* probe - our own listeners seen from outside, one handshake after the other, through a courier.
 *
 * One at a time, since these sessions count like any other: a connector that takes two connections
 * of one address still takes ours. What differs from the rules is an event; what could not be seen
 * (a limit, a listener that waits for its address) is no difference.
 */
#ifndef HUB_CERTIFICATES_PROBE_H
#define HUB_CERTIFICATES_PROBE_H

#include "hub/call.h"
#include "hub/certificates/probe_plan.h"

/* The plan is good until it returns. */
typedef void probe_done_fn(void *context, const struct probe_plan *plan);

/* Runs an expanded plan to its end, at most 3 s, and calls back from the loop. Takes the plan. */
void probe_run(struct hub *hub, struct probe_plan *plan_take, probe_done_fn *done, void *context);
void probe_answered(struct hub *hub, const struct wire_probed *probed);
void probings_end(struct hub *hub); /* those under way are forgotten without an answer */

/* What a change has come to, in the words of its reply. */
void probe_inform(struct call *call, const struct probe_plan *plan);

#endif
