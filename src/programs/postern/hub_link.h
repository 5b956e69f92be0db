/* SPDX-License-Identifier: Apache-2.0 */
/* hub_link - one request to the hub over its control socket, and its reply. */
#ifndef PROGRAMS_POSTERN_HUB_LINK_H
#define PROGRAMS_POSTERN_HUB_LINK_H

#include "programs/postern/place.h"

#include <jansson.h>

/* 0 and the reply (json_decref it), or -errno; -EPROTO: what came is no reply. `parameters` is
 * borrowed. A token of the place goes first, alone; when it is refused, that is the reply. */
MUST_USE int hub_ask(const struct place *place, const char *cmdlet, json_t *parameters,
                     json_t **out_reply);
/* The same where of the objects only the names are needed. */
MUST_USE int hub_ask_names(const struct place *place, const char *cmdlet, json_t *parameters,
                           json_t **out_reply);
/* The same for many objects (operations/operation.h). */
MUST_USE int hub_ask_each(const struct place *place, const char *cmdlet, json_t *parameters,
                          json_t *each, bool stop, json_t **out_reply);

#endif
