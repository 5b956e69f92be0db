/* SPDX-License-Identifier: Apache-2.0 */
/* lane_index - the connections to other servers, found by number. It owns none of them. */
#ifndef HUB_TRANSPORT_LANE_INDEX_H
#define HUB_TRANSPORT_LANE_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct lane;

/* Its place in the index; at the beginning of a lane. */
struct lane_node {
    struct lane *next, *before; /* of all */
    struct lane *next_in_bucket;
    uint64_t relay; /* its number, given once */
};

enum { LANE_BUCKETS = 1024 };

struct lane_index {
    struct lane *all; /* the latest first */
    struct lane *buckets[LANE_BUCKETS];
};

void lane_index_add(struct lane_index *index, struct lane *lane);
void lane_index_remove(struct lane_index *index, struct lane *lane);
struct lane *lane_index_find(const struct lane_index *index, uint64_t relay); /* or NULL */

#endif
