/* SPDX-License-Identifier: Apache-2.0 */
/* hub - the role in the middle: the model, the queue, the operations; the only writer of the store.
 *
 * It has no network but the control socket. Frames of edges and couriers are hostile input; frames
 * of the vault are not. It never holds a password longer than it takes to pass it on, and never an
 * opened secret.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "wire/role.h"

MUST_USE int hub_run(const struct role_start *start);

#endif
