/* SPDX-License-Identifier: Apache-2.0 */
/* role_group - the groups of people who may manage the server. They are fixed; who is in them is
 * configuration (model/role_member, model/management_token). What each may do is said beside the
 * operations (operations/access.h).
 */
#ifndef MODEL_ROLE_GROUP_H
#define MODEL_ROLE_GROUP_H

#include "settings/setting.h"

enum role_group { /* a mask: somebody may be in several */
                  ROLE_GROUP_ORGANIZATION = 1,
                  ROLE_GROUP_CERTIFICATES = 2,
                  ROLE_GROUP_QUEUES = 4,
                  ROLE_GROUP_VIEW = 8,
                  ROLE_GROUP_RECIPIENTS = 16,
};

/* The names as they are printed, the most powerful first; ended by {0}. The last is None. */
extern const struct setting_word role_group_words[];
const char *role_group_name(enum role_group group); /* of one group */
/* By its whole name, case ignored. */
bool role_group_parse(struct slice written, enum role_group *out_group);
/* "A", "B" and so on, in quotation marks; "no role" for an empty mask. */
bool role_groups_append(struct text *text, uint32_t groups);

#endif
