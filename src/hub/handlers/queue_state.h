/* SPDX-License-Identifier: Apache-2.0 */
/* queue_state - what queues and messages are doing: Active, Ready, Retry, Suspended; and why what
 * waits has to.
 */
#ifndef HUB_HANDLERS_QUEUE_STATE_H
#define HUB_HANDLERS_QUEUE_STATE_H

#include "hub/state.h"

/* A word of the interface, constant. */
const char *queue_status(struct hub *hub, const struct queue_statistic *statistic, int64_t now_ms);
const char *message_status(struct hub *hub, const struct queue_item *item, int64_t now_ms);

/* HubTransport is out of service, which matters to this queue. */
bool queue_is_held(const struct hub *hub, struct slice destination);
/* Said by the last attempt (`error`), or by that of its next hop, or because there was none. */
void queue_append_last_error(struct text *text, struct hub *hub, struct slice destination,
                             struct slice error);

#endif
