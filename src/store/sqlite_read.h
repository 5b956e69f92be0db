/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_read - the statements of the caller's connection to the queue, by name, and how the rows
 * of its items are read. */
#ifndef STORE_SQLITE_READ_H
#define STORE_SQLITE_READ_H

#include "store/engine.h"

enum queue_read {
    READ_CLAIM,
    READ_CLAIM_DESTINATION,
    READ_NEXT_DUE,
    READ_LIST_MESSAGE,
    READ_PAGE_END,
    READ_DESTINATIONS,
    READ_DESTINATION_COUNTS,
    READ_RECEIVED,
    READ_DESTINATION,
    READ_BODY,
    READ_SEGMENTS,
    READ_SEGMENT_BYTES,
    READ_SEGMENT_MESSAGES,
    READ_TOTALS,
    READ_COUNT,
};
_Static_assert((int)READ_COUNT <= (int)DATABASE_STATEMENTS_MAX, "room for each statement");

/* The columns of an item, in the order of the bits of enum queue_field; that of the message number
 * stands in front of them. */
#define QUEUE_COLUMNS(COLUMN)                                                                      \
    COLUMN("m.sender")                                                                             \
    COLUMN("m.envelope")                                                                           \
    COLUMN("m.received_at")                                                                        \
    COLUMN("m.expires_at")                                                                         \
    COLUMN("m.size")                                                                               \
    COLUMN("m.state")                                                                              \
    COLUMN("r.number")                                                                             \
    COLUMN("r.address")                                                                            \
    COLUMN("r.data")                                                                               \
    COLUMN("r.next_at")                                                                            \
    COLUMN("r.attempts")                                                                           \
    COLUMN("r.last_error")                                                                         \
    COLUMN("r.owner IS NOT NULL")                                                                  \
    COLUMN("r.state")                                                                              \
    COLUMN("d.key")
enum {
    QUEUE_FIELDS = 15,
    QUEUE_FIELDS_ALL = (1 << QUEUE_FIELDS) - 1,
    QUEUE_FIELDS_OF_MESSAGE = QUEUE_NUMBER - 1,
};

/* A row that has the message number and the columns of these fields. */
struct queue_item queue_item_of(const struct store *store, sqlite3_stmt *row, unsigned fields);
bool queue_is_claimed(const struct store *store, uint64_t message, uint32_t recipient);

/* Ends a loop over rows; `code` is what the last step answered. */
MUST_USE int queue_end_of_rows(struct store *store, sqlite3_stmt *statement, int code);

#endif
