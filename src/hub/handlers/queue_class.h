/* SPDX-License-Identifier: Apache-2.0 */
/* queue_class - the sorts of queues that Get-Queue -Include and -Exclude name: Internal, External,
 * Empty, and each DeliveryType.
 */
#ifndef HUB_HANDLERS_QUEUE_CLASS_H
#define HUB_HANDLERS_QUEUE_CLASS_H

#include "hub/call.h"

struct queue_classes { /* a bit for each sort; none included: all */
    unsigned included, excluded;
};

/* Reads both parameters. False: the call has failed. */
MUST_USE bool queue_classes_read(struct call *call, struct queue_classes *out);
/* `queue` is what Get-Queue shows of it. */
bool queue_classes_take(const struct queue_classes *classes, json_t *queue);

#endif
