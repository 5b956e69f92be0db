/* SPDX-License-Identifier: Apache-2.0 */
/* ticket_source - the keys of TLS session tickets: made here, handed to the edges, never stored.
 *
 * Two random keys at the start; every hour the current one becomes the previous one. What the
 * previous one sealed is good for an hour more.
 */
#ifndef VAULT_TICKET_SOURCE_H
#define VAULT_TICKET_SOURCE_H

#include "base/slice.h"
#include "os/loop.h"
#include "tls/ticket.h"

enum { TICKET_ROTATION_MS = 3600 * 1000, TICKET_SOURCE_BYTES = 2 * TLS_TICKET_KEY_BYTES };

struct ticket_source {
    unsigned char keys[TICKET_SOURCE_BYTES]; /* current, previous */
    struct watch timer;
    void (*rotated)(void *context);
    void *context;
};

void ticket_source_begin(struct ticket_source *source, struct loop *loop,
                         void (*rotated)(void *context), void *context);
/* What the timer does. */
void ticket_source_rotate(struct ticket_source *source);
struct slice ticket_source_keys(const struct ticket_source *source); /* current, previous */
void ticket_source_end(struct ticket_source *source);

#endif
