/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller's thread reads of the queue, on a connection of its own. */
#include "store/sqlite_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AND_COLUMN(expression) ", " expression
#define ITEM "SELECT r.message" QUEUE_COLUMNS(AND_COLUMN) " FROM "
#define ITEM_JOINS                                                                                 \
    " CROSS JOIN message m ON m.id = r.message CROSS JOIN destination d ON d.id = r.destination"

/* clang-format off */
const char *const queue_read_texts[] = {
    [READ_CLAIM] = ITEM "recipient r INDEXED BY recipient_due" ITEM_JOINS
                   " WHERE r.owner IS NULL AND r.state = 0 AND r.next_at <= ?1 ORDER BY r.next_at LIMIT ?2",
    [READ_CLAIM_DESTINATION] = ITEM "destination d CROSS JOIN recipient r INDEXED BY recipient_destination"
                               " ON r.destination = d.id CROSS JOIN message m ON m.id = r.message"
                               " WHERE d.key = ?3 AND r.owner IS NULL AND r.state = 0 AND r.next_at <= ?1"
                               " ORDER BY r.next_at LIMIT ?2",
    [READ_NEXT_DUE] = "SELECT next_at, message, number FROM recipient INDEXED BY recipient_due"
                      " WHERE owner IS NULL AND state = 0 ORDER BY next_at LIMIT ?1",
    [READ_LIST_MESSAGE] = ITEM "recipient r" ITEM_JOINS
                          " WHERE r.message = ?1 ORDER BY r.number",
    [READ_PAGE_END] = "SELECT message FROM recipient WHERE message > ?1 ORDER BY message LIMIT 1 OFFSET ?2",
    [READ_DESTINATIONS] = "SELECT id, key, state, failures, last_error FROM destination"
                          " WHERE key >= ?1 AND (?2 OR key > ?1) ORDER BY key",
    [READ_DESTINATION_COUNTS] = "SELECT count(*), 0, total(attempts > 0), min(message), min(next_at) FROM recipient"
                                "  INDEXED BY recipient_destination"
                                "  WHERE destination = ?1 AND owner IS NULL AND state = 0"
                                " UNION ALL SELECT count(*), count(*), total(attempts > 0), min(message), NULL"
                                "  FROM recipient INDEXED BY recipient_owned"
                                "  WHERE destination = ?1 AND owner IS NOT NULL AND state = 0"
                                " UNION ALL SELECT count(*), count(owner), total(attempts > 0), min(message),"
                                "  min(CASE WHEN owner IS NULL THEN next_at END)"
                                "  FROM recipient INDEXED BY recipient_held WHERE destination = ?1 AND state <> 0",
    [READ_RECEIVED] = "SELECT received_at FROM message WHERE id = ?1",
    [READ_DESTINATION] = "SELECT state FROM destination WHERE key = ?1",
    [READ_BODY] = "SELECT size, checksum, segment, segment_offset, body FROM message WHERE id = ?1",
    [READ_SEGMENTS] = "SELECT segment, count(*) FROM message INDEXED BY message_segment"
                      " WHERE segment IS NOT NULL GROUP BY segment",
    [READ_SEGMENT_BYTES] = "SELECT coalesce(sum(size), 0) FROM message INDEXED BY message_segment WHERE segment = ?1",
    [READ_SEGMENT_MESSAGES] = "SELECT id FROM message INDEXED BY message_segment"
                              " WHERE segment = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    [READ_TOTALS] = "SELECT (SELECT count(*) FROM recipient INDEXED BY recipient_destination"
                    "  WHERE owner IS NULL AND state = 0)"
                    " + (SELECT count(*) FROM recipient INDEXED BY recipient_owned WHERE owner IS NOT NULL AND state = 0)"
                    " + (SELECT count(*) FROM recipient INDEXED BY recipient_held WHERE state <> 0), coalesce((SELECT max(id) FROM message), 0)",
    [READ_COUNT] = NULL,
};
/* clang-format on */

int queue_end_of_rows(struct store *store, sqlite3_stmt *statement, int code)
{
    if (!statement)
        return database_error(sqlite3_errcode(store->queue_reader.handle));
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? STORE_OK : database_error(reset);
}

static int claim_rows(struct store *store, const struct queue_claim *claim, size_t limit,
                      struct own_request *own, queue_each_fn *each, void *context)
{
    bool all = claim->destination.at == NULL;
    sqlite3_stmt *statement =
        database_statement(&store->queue_reader, all ? READ_CLAIM : READ_CLAIM_DESTINATION);
    (void)sqlite3_bind_int64(statement, 1, claim->now_ms);
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)(limit + store->claim_count));
    if (!all)
        database_bind_slice(statement, 3, claim->destination);
    int code = SQLITE_ERROR;
    bool more = true;
    while (more && own->count < limit && statement &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct queue_item item = queue_item_of(store, statement, QUEUE_FIELDS_ALL);
        if (item.owned) /* handed out already */
            continue;
        item.owned = true;
        own->rows[own->count++] = (struct own_row){item.message, item.recipient};
        more = each(context, &item);
    }
    return queue_end_of_rows(store, statement, code);
}

int queue_claim(struct store *store, const struct queue_claim *claim, queue_each_fn *each,
                void *context)
{
    size_t room = CLAIMS_MAX - store->claim_count;
    size_t limit = claim->limit < room ? claim->limit : room;
    if (limit == 0)
        return claim->limit ? STORE_BUSY : STORE_OK;
    struct request *request = request_new_own(limit);
    if (!request)
        return -ENOMEM;
    int result = claim_rows(store, claim, limit, request->own, each, context);
    if (request->own->count == 0) {
        request_free(request);
        return result;
    }
    memcpy(store->claims + store->claim_count, request->own->rows,
           request->own->count * sizeof(struct own_row));
    store->claim_count += request->own->count;
    int submitted = store_submit(store, request);
    return result != STORE_OK ? result : submitted;
}

int queue_next_due(struct store *store, int64_t *out_due_at_ms)
{
    sqlite3_stmt *statement = database_statement(&store->queue_reader, READ_NEXT_DUE);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)(store->claim_count + 1));
    int code = SQLITE_ERROR;
    bool found = false;
    while (!found && statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        *out_due_at_ms = sqlite3_column_int64(statement, 0);
        found = !queue_is_claimed(store, (uint64_t)sqlite3_column_int64(statement, 1),
                                  (uint32_t)sqlite3_column_int64(statement, 2));
    }
    int result = queue_end_of_rows(store, statement, code);
    return result == STORE_OK && !found ? STORE_NOT_FOUND : result;
}

int destination_is_suspended(struct store *store, struct slice destination, bool *out_suspended)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_DESTINATION);
    database_bind_slice(row, 1, destination);
    int code = row ? sqlite3_step(row) : SQLITE_ERROR;
    *out_suspended =
        code == SQLITE_ROW && (sqlite3_column_int(row, 0) & STATE_DESTINATION_SUSPENDED);
    return queue_end_of_rows(store, row, code);
}

int queue_read_body_place(struct store *store, uint64_t message, struct queue_body_place *out_place)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_BODY);
    (void)sqlite3_bind_int64(row, 1, (sqlite3_int64)message);
    int code = row ? sqlite3_step(row) : SQLITE_ERROR;
    int outcome = code == SQLITE_DONE ? STORE_NOT_FOUND : STORE_OK;
    if (code == SQLITE_ROW) {
        *out_place = (struct queue_body_place){
            .size = (uint64_t)sqlite3_column_int64(row, 0),
            .checksum = (uint32_t)sqlite3_column_int64(row, 1),
            .segment = (uint32_t)sqlite3_column_int64(row, 2),
            .offset = (uint64_t)sqlite3_column_int64(row, 3),
        };
        struct slice bytes = database_column_slice(row, 4);
        if (!out_place->segment && bytes.len != out_place->size)
            outcome = STORE_DAMAGED;
        else if (!out_place->segment && !(out_place->memory = malloc(bytes.len + 1)))
            outcome = -ENOMEM;
        else if (out_place->memory && bytes.len)
            memcpy(out_place->memory, bytes.at, bytes.len);
    }
    int result = queue_end_of_rows(store, row, code);
    return result == STORE_OK ? outcome : result;
}

int queue_read_totals(struct store *store)
{
    sqlite3_stmt *segments = database_statement(&store->queue_reader, READ_SEGMENTS);
    int code = SQLITE_ERROR;
    while (segments && (code = sqlite3_step(segments)) == SQLITE_ROW)
        segment_adopt(&store->segments, (uint32_t)sqlite3_column_int64(segments, 0),
                      (uint64_t)sqlite3_column_int64(segments, 1));
    int result = queue_end_of_rows(store, segments, code);
    if (result != STORE_OK)
        return result;
    sqlite3_stmt *totals = database_statement(&store->queue_reader, READ_TOTALS);
    code = totals ? sqlite3_step(totals) : SQLITE_ERROR;
    if (code == SQLITE_ROW) {
        store->queued_recipients = (uint64_t)sqlite3_column_int64(totals, 0);
        store->last_message_id = (uint64_t)sqlite3_column_int64(totals, 1);
    }
    return queue_end_of_rows(store, totals, code);
}
