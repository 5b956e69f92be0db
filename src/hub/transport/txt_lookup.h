/* SPDX-License-Identifier: Apache-2.0 */
/* txt_lookup - a question to DNS, asked by a courier. */
#ifndef HUB_TRANSPORT_TXT_LOOKUP_H
#define HUB_TRANSPORT_TXT_LOOKUP_H

#include "hub/state.h"

/* `answer` is NULL when no courier answered in time. Called once, from the loop or at once. */
typedef void txt_lookup_fn(void *context, const struct wire_txt_answer *answer);
void txt_lookup_ask(struct hub *hub, struct slice name, txt_lookup_fn *done, void *context);
void txt_lookup_answered(struct hub *hub, const struct wire_txt_answer *answer);
void txt_lookups_end(struct hub *hub); /* those under way have no answer */

#endif
