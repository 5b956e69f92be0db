/* SPDX-License-Identifier: Apache-2.0 */
/* queue_identity - what queues and messages are called: SERVER\Mailbox, SERVER\Mailbox\42. */
#ifndef HUB_HANDLERS_QUEUE_IDENTITY_H
#define HUB_HANDLERS_QUEUE_IDENTITY_H

#include "hub/call.h"

bool queue_is_mailbox(struct slice destination);
/* Nothing can carry what waits in it. */
bool queue_is_unreachable(struct slice destination);
bool queue_is_poison(struct slice destination); /* hub/transport/poison */
/* Of the key of a destination in the store. That of another server is the key itself: a name that
 * stays when the connector's hosts change. */
struct slice queue_name(struct slice destination);
void queue_append_identity(struct text *text, const struct call *call, struct slice destination);
json_t *queue_identity(const struct call *call, struct slice destination);
/* The key of the destination whose identity this is. */
void queue_append_key(struct text *text, struct slice identity);
/* `written` is SERVER\queue, the queue alone, * or nothing. */
bool queue_is_meant(struct slice written, struct slice destination);
/* SERVER\queue\number or the number alone. */
bool queue_message_number(struct slice written, uint64_t *out_number);

/* Emits the queues that -Filter of the call takes, as Get-Queue shows them, and then runs `done`:
 * not when the call has failed. It may run before this returns. */
void queue_emit_all(struct call *call, void (*done)(struct call *call));

#endif
