/* SPDX-License-Identifier: Apache-2.0 */
/* txt_lookup - what the hub wants to know of DNS, asked by the resolver of a courier. */
#ifndef COURIER_TXT_LOOKUP_H
#define COURIER_TXT_LOOKUP_H

#include "dns/resolver.h"
#include "wire/channel.h"

enum { TXT_LOOKUP_LIMIT_MS = 10000 };

struct txt_lookup; /* frees itself when it has answered */

/* Answers with WIRE_TXT_ANSWER on `hub`, from the loop or at once. `list` is the courier's: those
 * under way. Without a resolver (NULL) the answer is that it failed. */
void txt_lookup_start(struct txt_lookup **list, struct resolver *resolver, struct channel *hub,
                      const struct wire_txt_question *question);
void txt_lookups_drop(struct txt_lookup **list); /* without an answer */

#endif
