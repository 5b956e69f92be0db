/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/responder_patience.h"

#include <string.h>

enum { DOUBLINGS_MAX = 6 };

static const struct patience *find(const struct responder_patience *patience, struct object_id id)
{
    for (size_t i = 0; i < patience->count; i++)
        if (memcmp(patience->rows[i].id.bytes, id.bytes, sizeof id.bytes) == 0)
            return &patience->rows[i];
    return NULL;
}

static struct patience *row_of(struct responder_patience *patience, struct object_id id)
{
    const struct patience *known = find(patience, id);
    if (known)
        return &patience->rows[known - patience->rows];
    struct patience *row = &patience->rows[patience->next];
    patience->next = (patience->next + 1) % PATIENCE_MAX;
    if (patience->count < PATIENCE_MAX)
        patience->count++;
    *row = (struct patience){.id = id};
    return row;
}

uint64_t patience_until(const struct responder_patience *patience, struct object_id id)
{
    const struct patience *known = find(patience, id);
    return known ? known->until_ms : 0;
}

bool patience_failed(struct responder_patience *patience, struct object_id id, uint64_t now_ms)
{
    struct patience *row = row_of(patience, id);
    unsigned doublings = row->failures < DOUBLINGS_MAX ? row->failures : DOUBLINGS_MAX;
    uint64_t pause_ms = (uint64_t)PATIENCE_FAILED_MS << doublings;
    row->until_ms = now_ms + (pause_ms < PATIENCE_LONGEST_MS ? pause_ms : PATIENCE_LONGEST_MS);
    row->in_trouble = true;
    return row->failures++ == 0;
}

bool patience_answered(struct responder_patience *patience, struct object_id id, int64_t life_ms,
                       uint64_t now_ms)
{
    struct patience *row = row_of(patience, id);
    int64_t pause_ms = life_ms / 8;
    bool had_failed = row->in_trouble;
    if (pause_ms < PATIENCE_ANSWERED_MS)
        pause_ms = PATIENCE_ANSWERED_MS;
    if (pause_ms > PATIENCE_LONGEST_MS)
        pause_ms = PATIENCE_LONGEST_MS;
    row->until_ms = now_ms + (uint64_t)pause_ms;
    row->failures = 0;
    row->in_trouble = false;
    return had_failed;
}

void patience_pardon(struct responder_patience *patience)
{
    for (size_t i = 0; i < patience->count; i++) {
        patience->rows[i].until_ms = 0;
        patience->rows[i].failures = 0;
    }
}
