/* SPDX-License-Identifier: Apache-2.0 */
#include "store/recent.h"

#include <stdlib.h>

static struct recent_body **place_of(struct recent *recent, uint64_t message)
{
    struct recent_body **place =
        &recent->buckets[(message * UINT64_C(0x9e3779b97f4a7c15)) >> 52 & (RECENT_BUCKETS - 1)];
    while (*place && (*place)->message != message)
        place = &(*place)->next_in_bucket;
    return place;
}

static void unlink_age(struct recent *recent, struct recent_body *body)
{
    if (body->newer)
        body->newer->older = body->older;
    else
        recent->newest = body->older;
    if (body->older)
        body->older->newer = body->newer;
    else
        recent->oldest = body->newer;
}

static void link_newest(struct recent *recent, struct recent_body *body)
{
    body->newer = NULL;
    body->older = recent->newest;
    if (recent->newest)
        recent->newest->newer = body;
    else
        recent->oldest = body;
    recent->newest = body;
}

static size_t weight_of(const struct recent_body *body)
{
    return sizeof *body + (body->memory ? (size_t)body->size : 0);
}

void recent_remove(struct recent *recent, uint64_t message)
{
    struct recent_body **place = place_of(recent, message);
    struct recent_body *body = *place;
    if (!body)
        return;
    *place = body->next_in_bucket;
    unlink_age(recent, body);
    recent->bytes -= weight_of(body);
    recent->entries--;
    free(body->memory);
    free(body);
}

void recent_add(struct recent *recent, const struct recent_body *body_take)
{
    recent_remove(recent, body_take->message);
    struct recent_body *body = malloc(sizeof *body);
    if (!body || weight_of(body_take) > recent->bytes_max) {
        free(body_take->memory);
        free(body);
        return;
    }
    *body = *body_take;
    while (recent->oldest && (recent->bytes + weight_of(body) > recent->bytes_max ||
                              recent->entries >= RECENT_ENTRIES_MAX))
        recent_remove(recent, recent->oldest->message);
    struct recent_body **place = place_of(recent, body->message);
    body->next_in_bucket = NULL;
    *place = body;
    link_newest(recent, body);
    recent->bytes += weight_of(body);
    recent->entries++;
}

const struct recent_body *recent_find(struct recent *recent, uint64_t message)
{
    struct recent_body *body = *place_of(recent, message);
    if (body && body != recent->newest) {
        unlink_age(recent, body);
        link_newest(recent, body);
    }
    return body;
}

void recent_clear(struct recent *recent)
{
    while (recent->newest)
        recent_remove(recent, recent->newest->message);
}
