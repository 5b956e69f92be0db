/* SPDX-License-Identifier: Apache-2.0 */
/* recent - where the bodies of the latest accepted messages are, the short ones still in memory.
 *
 * Bounded in bytes and in entries; the least recently used goes first. For the caller's thread.
 */
#ifndef STORE_RECENT_H
#define STORE_RECENT_H

#include "base/attributes.h"
#include "base/slice.h"

struct recent_body {
    uint64_t message;
    char *memory; /* NULL: only in its segment */
    uint64_t size;
    uint32_t checksum;
    uint32_t segment; /* 0: in its row */
    uint64_t offset;
    struct recent_body *next_in_bucket;
    struct recent_body *newer, *older;
};

enum { RECENT_BUCKETS = 4096, RECENT_ENTRIES_MAX = 16384 };

struct recent {
    struct recent_body *buckets[RECENT_BUCKETS];
    struct recent_body *newest, *oldest;
    size_t entries;
    size_t bytes, bytes_max;
};

/* Copies the entry; takes its memory in any case. Without memory for it, it is just not kept. */
void recent_add(struct recent *recent, const struct recent_body *body_take);
const struct recent_body *recent_find(struct recent *recent, uint64_t message); /* or NULL */
void recent_remove(struct recent *recent, uint64_t message);
void recent_clear(struct recent *recent);

#endif
