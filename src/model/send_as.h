/* SPDX-License-Identifier: Apache-2.0 */
/* send_as - as which mailboxes somebody may write: as itself, and as those on which it holds Send
 * As. A denial wins, also over oneself.
 */
#ifndef MODEL_SEND_AS_H
#define MODEL_SEND_AS_H

#include "model/model.h"

enum { SEND_AS_ADDRESSES_MAX = 1 << 16 }; /* bytes of addresses that a session can know */

bool send_as_granted(const struct model *model, const struct mailbox *user,
                     const struct mailbox *as);
/* Every address the user may write as, its own first, each with LF behind it. False: there was no
 * room for all of them. */
bool send_as_append_addresses(const struct model *model, const struct mailbox *user,
                              struct text *lines);

#endif
