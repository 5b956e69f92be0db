/* SPDX-License-Identifier: Apache-2.0 */
/* message_why - why a message is still here, who has it, and what happens next: a sentence or two,
 * with the command where an operator has to do something. Written in this one place for Get-Message
 * and for `postern queue`.
 */
#ifndef HUB_HANDLERS_MESSAGE_WHY_H
#define HUB_HANDLERS_MESSAGE_WHY_H

#include "hub/state.h"

void message_append_why(struct text *text, struct hub *hub, const struct queue_item *item,
                        int64_t now_ms);

#endif
