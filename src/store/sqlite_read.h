/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_read - the statements of the caller's connection to the queue, by name. */
#ifndef STORE_SQLITE_READ_H
#define STORE_SQLITE_READ_H

#include "store/engine.h"

enum queue_read {
    READ_CLAIM,
    READ_CLAIM_DESTINATION,
    READ_NEXT_DUE,
    READ_LIST,
    READ_LIST_MESSAGE,
    READ_LIST_DESTINATION,
    READ_LIST_SENDER,
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

/* Ends a loop over rows; `code` is what the last step answered. */
MUST_USE int queue_end_of_rows(struct store *store, sqlite3_stmt *statement, int code);

#endif
