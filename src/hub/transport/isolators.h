/* SPDX-License-Identifier: Apache-2.0 */
/* isolators - the couriers that are there for suspects (hub/transport/isolation): processes that
 * are started when they are needed for the first time. */
#ifndef HUB_TRANSPORT_ISOLATORS_H
#define HUB_TRANSPORT_ISOLATORS_H

#include "hub/state.h"

void isolators_begin(struct hub *hub);
/* The courier for these suspects. NULL: it does not run; it has been asked for. */
struct peer *isolators_get(struct hub *hub, enum isolation isolation);

#endif
