/* SPDX-License-Identifier: Apache-2.0 */
/* start - the hub's way to "ready": the configuration is read (or made, at the first start), the
 * signers get their keys, the edges their snapshot, and every binding has been tried.
 */
#ifndef HUB_START_H
#define HUB_START_H

#include "hub/state.h"

/* hub->model stays NULL when the store is empty: that is the first start. Below zero: -errno;
 * above: an outcome of the store. */
MUST_USE int start_load_model(struct hub *hub);
/* Brings the model to those who work by it, once the vault can be asked. */
void start_serving(struct hub *hub);
/* Tells the supervisor, once; call it whenever something it depends on has happened. */
void start_look_whether_ready(struct hub *hub);

#endif
