/* SPDX-License-Identifier: Apache-2.0 */
/* group - one operation for many objects: as few changes as may be, mostly one.
 *
 * Each object is a part: a call of its own with its own reply. The parts edit one draft, in their
 * order, and are committed together. When that is refused nothing was changed, and fewer of them
 * are tried together, down to one: then it is that one's error, and the others go on (with `stop`
 * they are not run, and have no reply). What is replied is what the calls one by one would have
 * said, but that the revision is told once for all that are in it.
 *
 * In between the loop turns, so others are served; a change of somebody else may come in between,
 * too.
 */
#ifndef HUB_CONFIGURATION_GROUP_H
#define HUB_CONFIGURATION_GROUP_H

#include "hub/call.h"
#include "hub/configuration/change.h"
#include "model/name_index.h"

struct group;

/* Runs the cmdlet once for each object of `each` (borrowed; the parameters that the parts do not
 * share) and ends the call with the replies. Only for operations that are for many. */
void group_dispatch(struct call *whole, struct slice cmdlet, json_t *each, bool stop);
void group_free(struct group *group); /* accepts NULL */

/* --- for the handlers of a part --- */
struct change *group_change(struct group *group);
/* Of the draft; NULL: the model is another one, or is itself to be searched. */
const struct name_index *group_names(struct group *group, const struct model *model,
                                     enum model_kind kind);
void group_part_made(struct call *part);  /* it did what it had to in the draft */
void group_part_ended(struct call *part); /* it failed, or had nothing to do */

#endif
