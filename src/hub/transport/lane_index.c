/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/lane_index.h"

#include "hub/transport/hop.h"

static size_t bucket_of(uint64_t relay)
{
    return relay / RELAY_STEP % LANE_BUCKETS; /* numbers follow one another */
}

void lane_index_add(struct lane_index *index, struct lane *lane)
{
    struct lane **bucket = &index->buckets[bucket_of(lane->node.relay)];
    lane->node.next_in_bucket = *bucket;
    *bucket = lane;
    lane->node.before = NULL;
    lane->node.next = index->all;
    if (index->all)
        index->all->node.before = lane;
    index->all = lane;
}

void lane_index_remove(struct lane_index *index, struct lane *lane)
{
    struct lane **link = &index->buckets[bucket_of(lane->node.relay)];
    while (*link != lane)
        link = &(*link)->node.next_in_bucket;
    *link = lane->node.next_in_bucket;
    if (lane->node.next)
        lane->node.next->node.before = lane->node.before;
    if (lane->node.before)
        lane->node.before->node.next = lane->node.next;
    else
        index->all = lane->node.next;
}

struct lane *lane_index_find(const struct lane_index *index, uint64_t relay)
{
    struct lane *lane = index->buckets[bucket_of(relay)];
    while (lane && lane->node.relay != relay)
        lane = lane->node.next_in_bucket;
    return lane;
}
