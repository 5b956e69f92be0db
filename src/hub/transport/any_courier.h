/* SPDX-License-Identifier: Apache-2.0 */
/* any_courier - whichever courier is there, for questions that any of them can answer. */
#ifndef HUB_TRANSPORT_ANY_COURIER_H
#define HUB_TRANSPORT_ANY_COURIER_H

#include "hub/state.h"

struct peer *any_courier(struct hub *hub); /* NULL: there is none at the moment */

#endif
