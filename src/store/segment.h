/* SPDX-License-Identifier: Apache-2.0 */
/* segment - the files that hold the bodies too long for a row, and who may write or reuse them.
 *
 * A segment is dumb bytes that rows point into; what no row names is garbage. A record is a head of
 * 64 bytes, the body, and the packed envelope, padded to 8 bytes: enough to rebuild the queue if
 * its database is lost. Files are written once with zeros ahead of time and then reused: renamed to
 * the next number and overwritten, since that flushes in half the time.
 *
 * All functions may be called from any of the store's threads. A segment taken belongs to its
 * taker, who alone writes it, until it is put back.
 */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "store/disk.h"

#include <pthread.h>

enum { SEGMENT_NAME_BYTES = 32, SEGMENT_HEAD_BYTES = 64 };

enum segment_state {
    SEGMENT_FREE,   /* no row names it: to be reused, or unlinked */
    SEGMENT_SPARE,  /* prepared for the next taker */
    SEGMENT_TAKEN,  /* being written by its taker */
    SEGMENT_OPEN,   /* holds large bodies, has room for more */
    SEGMENT_SEALED, /* written; free again when the last row and the last loan are gone */
};

struct segment {
    uint32_t number;
    enum segment_state state;
    bool named;        /* its folder entry is durable */
    int fd;            /* -1 while nobody writes */
    uint64_t tail;     /* where the next record begins */
    uint64_t messages; /* rows that name it */
    unsigned loans;
};

struct segment_table {
    const struct disk *disk;
    uint64_t segment_bytes;
    size_t kept_free;
    pthread_mutex_t lock;
    struct segment **items; /* ordered by number */
    size_t count, capacity;
    uint32_t newest;
};

struct segment_head {
    uint64_t message, body_bytes, envelope_bytes;
    uint32_t segment, body_checksum, envelope_checksum;
};

void segment_name(uint32_t number, char out_name[SEGMENT_NAME_BYTES]);
uint64_t segment_record_bytes(uint64_t body_bytes, uint64_t envelope_bytes);
void segment_head_write(const struct segment_head *head,
                        unsigned char out_bytes[SEGMENT_HEAD_BYTES]);
bool segment_head_read(const unsigned char bytes[SEGMENT_HEAD_BYTES],
                       struct segment_head *out_head);

/* Finds the files; all count as sealed and without rows until segment_adopt names those with rows
 * and segment_settle frees the others. */
MUST_USE int segment_table_init(struct segment_table *table, const struct disk *disk,
                                uint64_t segment_bytes, size_t kept_free);
void segment_table_deinit(struct segment_table *table); /* accepts a zeroed one */
void segment_adopt(struct segment_table *table, uint32_t number, uint64_t messages);
void segment_settle(struct segment_table *table);

/* One to fill: the spare, a free one renamed, or a new file. When !named, its folder must be synced
 * before a row may name it (segment_names_sync). */
MUST_USE int segment_take(struct segment_table *table, struct segment **out_segment);
/* One for a body that streams: an open one with room, else as segment_take. */
MUST_USE int segment_take_large(struct segment_table *table, struct segment **out_segment);
MUST_USE int segment_names_sync(struct segment_table *table, struct segment *segment);
void segment_seal(struct segment_table *table, struct segment *segment);
void segment_put_back(struct segment_table *table, struct segment *segment); /* open, or sealed */

void segment_row_added(struct segment_table *table, uint32_t number);
void segment_row_removed(struct segment_table *table, uint32_t number);
/* A read-only descriptor that keeps the segment from reuse. */
MUST_USE int segment_lend(struct segment_table *table, uint32_t number, int *out_fd);
void segment_loan_ended(struct segment_table *table, uint32_t number);

/* The first one behind `after` that is sealed, not lent, and has some rows, but no more than that;
 * 0: none. */
uint32_t segment_next_sealed(struct segment_table *table, uint32_t after, uint64_t messages_max);

/* For the keeper thread. Prepares a spare when there is none; unlinks the free ones over the limit.
 */
MUST_USE int segment_prepare_spare(struct segment_table *table);
MUST_USE int segment_trim(struct segment_table *table);

#endif
