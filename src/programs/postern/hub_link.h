/* SPDX-License-Identifier: Apache-2.0 */
/* hub_link - one request to the hub over its control socket, and its reply. */
#ifndef PROGRAMS_POSTERN_HUB_LINK_H
#define PROGRAMS_POSTERN_HUB_LINK_H

#include "base/slice.h"
#include "programs/postern/place.h"

#include <jansson.h>

/* 0 and the reply (json_decref it), or -errno; -ECONNRESET: it broke off, -EPROTO: what came is no
 * reply. `parameters` is borrowed. A token of the place goes first, alone; when it is refused, that
 * is the reply. */
MUST_USE int hub_ask(const struct place *place, const char *cmdlet, json_t *parameters,
                     json_t **out_reply);
/* One piece of a file. False: no more of it is wanted. */
typedef bool hub_piece_fn(void *context, struct slice piece);
/* The same with the file that stands behind the reply, if there is one. */
MUST_USE int hub_ask_file(const struct place *place, const char *cmdlet, json_t *parameters,
                          hub_piece_fn *take, void *context, json_t **out_reply);
/* The same where of the objects only the names are needed. */
MUST_USE int hub_ask_names(const struct place *place, const char *cmdlet, json_t *parameters,
                           json_t **out_reply);
/* The same for many objects (operations/operation.h). */
MUST_USE int hub_ask_each(const struct place *place, const char *cmdlet, json_t *parameters,
                          json_t *each, bool stop, json_t **out_reply);

#endif
