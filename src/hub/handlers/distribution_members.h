/* SPDX-License-Identifier: Apache-2.0 */
/* distribution_members - the members of a distribution group as they are written, and as they are
 * kept: addresses, each once. */
#ifndef HUB_HANDLERS_DISTRIBUTION_MEMBERS_H
#define HUB_HANDLERS_DISTRIBUTION_MEMBERS_H

#include "hub/call.h"

/* The address that `written` means: itself, or the primary one of the mailbox or group of that
 * name. Points into the model or `written`. False: the call has failed. */
MUST_USE bool distribution_member_address(struct call *call, struct model *draft,
                                          struct slice written, struct slice *out_address);
/* Puts addresses in the place of names and leaves out who is there twice; warns of addresses of
 * ours that nobody has. False: the call has failed. */
MUST_USE bool distribution_members_tidy(struct call *call, struct distribution_group *group,
                                        struct model *draft);

#endif
