/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/ticket_source.h"

#include "os/random.h"

#include <string.h>

static void on_hour(void *context, unsigned events)
{
    (void)events;
    ticket_source_rotate(context);
}

void ticket_source_begin(struct ticket_source *source, struct loop *loop,
                         void (*rotated)(void *context), void *context)
{
    *source = (struct ticket_source){.rotated = rotated, .context = context};
    random_bytes(source->keys, sizeof source->keys);
    timer_init(&source->timer, loop, on_hour, source);
    timer_set(&source->timer, TICKET_ROTATION_MS);
}

void ticket_source_rotate(struct ticket_source *source)
{
    memcpy(source->keys + TLS_TICKET_KEY_BYTES, source->keys, TLS_TICKET_KEY_BYTES);
    random_bytes(source->keys, TLS_TICKET_KEY_BYTES);
    timer_set(&source->timer, TICKET_ROTATION_MS);
    source->rotated(source->context);
}

struct slice ticket_source_keys(const struct ticket_source *source)
{
    return slice_bytes(source->keys, sizeof source->keys);
}

void ticket_source_end(struct ticket_source *source)
{
    timer_stop(&source->timer);
    explicit_bzero(source->keys, sizeof source->keys);
}
