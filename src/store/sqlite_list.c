/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the queue. A long one costs what is read of each row, so each list has a statement of
 * its own, with the columns that are asked for, and with the tables that these are in. */
#include "store/sqlite_read.h"

enum { STATEMENT_BYTES = 1024 };

bool queue_is_claimed(const struct store *store, uint64_t message, uint32_t recipient)
{
    for (size_t i = 0; i < store->claim_count; i++)
        if (store->claims[i].message == message && store->claims[i].recipient == recipient)
            return true;
    return false;
}

static void read_field(sqlite3_stmt *row, int column, enum queue_field field,
                       struct queue_item *item)
{
    switch (field) {
    case QUEUE_SENDER:
        item->sender = database_column_slice(row, column);
        return;
    case QUEUE_ENVELOPE:
        item->envelope = database_column_slice(row, column);
        return;
    case QUEUE_RECEIVED:
        item->received_at_ms = sqlite3_column_int64(row, column);
        return;
    case QUEUE_EXPIRES:
        item->expires_at_ms = sqlite3_column_int64(row, column);
        return;
    case QUEUE_SIZE:
        item->size_bytes = (uint64_t)sqlite3_column_int64(row, column);
        return;
    case QUEUE_DEATHS:
        item->deaths = (uint32_t)(sqlite3_column_int(row, column) & STATE_DEATHS) / STATE_ONE_DEATH;
        return;
    case QUEUE_NUMBER:
        item->recipient = (uint32_t)sqlite3_column_int64(row, column);
        return;
    case QUEUE_ADDRESS:
        item->address = database_column_slice(row, column);
        return;
    case QUEUE_DATA:
        item->data = database_column_slice(row, column);
        return;
    case QUEUE_NEXT:
        item->next_at_ms = sqlite3_column_int64(row, column);
        return;
    case QUEUE_ATTEMPTS:
        item->attempts = (uint32_t)sqlite3_column_int64(row, column);
        return;
    case QUEUE_LAST_ERROR:
        item->last_error = database_column_slice(row, column);
        return;
    case QUEUE_OWNED:
        item->owned = sqlite3_column_int(row, column) != 0;
        return;
    case QUEUE_STATE: {
        int state = sqlite3_column_int(row, column);
        item->destination_suspended = (state & STATE_DESTINATION_SUSPENDED) != 0;
        item->message_suspended = (state & STATE_MESSAGE_SUSPENDED) != 0;
        item->damaged = (state & STATE_DAMAGED) != 0;
        return;
    }
    case QUEUE_DESTINATION:
        item->destination = database_column_slice(row, column);
        return;
    }
}

struct queue_item queue_item_of(const struct store *store, sqlite3_stmt *row, unsigned fields)
{
    struct queue_item item = {.message = (uint64_t)sqlite3_column_int64(row, 0)};
    int column = 1;
    for (unsigned left = fields; left; left &= left - 1)
        read_field(row, column++, (enum queue_field)(left & -left), &item);
    if ((fields & QUEUE_OWNED) && !item.owned)
        item.owned = queue_is_claimed(store, item.message, item.recipient);
    return item;
}

/* --- a statement for it --- */

static bool reads_recipients(const struct queue_filter *filter, unsigned fields)
{
    return filter->destination.at || (fields & ~(unsigned)QUEUE_FIELDS_OF_MESSAGE);
}

static void append_columns(struct text *sql, unsigned fields)
{
#define COLUMN(expression) expression,
    static const char *const columns[] = {QUEUE_COLUMNS(COLUMN)};
#undef COLUMN
    _Static_assert(COUNT_OF(columns) == QUEUE_FIELDS, "a column for each field");
    for (size_t i = 0; i < QUEUE_FIELDS; i++)
        if (fields & 1U << i) {
            text_append_c(sql, ", ");
            text_append_c(sql, columns[i]);
        }
}

/* ?1 and ?2 are the messages that it is between, ?3 is the limit, ?4 the destination. */
static void append_list(struct text *sql, const struct queue_filter *filter, unsigned fields)
{
    bool recipients = reads_recipients(filter, fields);
    text_append_c(sql, recipients ? "SELECT r.message" : "SELECT m.id");
    append_columns(sql, fields);
    text_append_c(sql, recipients ? " FROM recipient r" : " FROM message m");
    if (recipients && (fields & QUEUE_FIELDS_OF_MESSAGE))
        text_append_c(sql, " CROSS JOIN message m ON m.id = r.message");
    if (fields & QUEUE_DESTINATION)
        text_append_c(sql, " CROSS JOIN destination d ON d.id = r.destination");
    text_append_c(sql, recipients ? " WHERE r.message > ?1 AND r.message <= ?2"
                                  : " WHERE m.id > ?1 AND m.id <= ?2");
    if (filter->destination.at)
        text_append_c(sql, " AND r.destination = (SELECT id FROM destination WHERE key = ?4)");
    text_append_c(sql, recipients ? " ORDER BY r.message, r.number LIMIT ?3"
                                  : " ORDER BY m.id LIMIT ?3");
}

static sqlite3_stmt *list_statement(struct store *store, const struct queue_filter *filter,
                                    unsigned fields)
{
    char storage[STATEMENT_BYTES];
    struct text sql = text_over(storage, sizeof storage);
    sqlite3_stmt *statement = NULL;
    append_list(&sql, filter, fields);
    (void)sqlite3_prepare_v2(store->queue_reader.handle, sql.at, (int)sql.len, &statement, NULL);
    if (!statement)
        return NULL;
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)filter->after_message);
    (void)sqlite3_bind_int64(
        statement, 2, filter->until_message ? (sqlite3_int64)filter->until_message : INT64_MAX);
    (void)sqlite3_bind_int64(statement, 3, filter->limit ? (sqlite3_int64)filter->limit : -1);
    if (filter->destination.at)
        database_bind_slice(statement, 4, filter->destination);
    return statement;
}

/* --- lists --- */

static int each_row(struct store *store, sqlite3_stmt *statement, unsigned fields,
                    queue_each_fn *each, void *context)
{
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct queue_item item = queue_item_of(store, statement, fields);
        if (!each(context, &item))
            break;
    }
    return queue_end_of_rows(store, statement, code);
}

int queue_list(struct store *store, const struct queue_filter *filter, queue_each_fn *each,
               void *context)
{
    unsigned fields = filter->fields ? filter->fields : QUEUE_FIELDS_ALL;
    if (filter->message) {
        sqlite3_stmt *one = database_statement(&store->queue_reader, READ_LIST_MESSAGE);
        (void)sqlite3_bind_int64(one, 1, (sqlite3_int64)filter->message);
        return each_row(store, one, QUEUE_FIELDS_ALL, each, context);
    }
    if (fields & QUEUE_OWNED)
        fields |= QUEUE_NUMBER; /* what is claimed is known by it */
    sqlite3_stmt *list = list_statement(store, filter, fields);
    int result = each_row(store, list, fields, each, context);
    (void)sqlite3_finalize(list);
    return result;
}

int queue_page_end(struct store *store, uint64_t after_message, size_t recipients,
                   uint64_t *out_message)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_PAGE_END);
    (void)sqlite3_bind_int64(row, 1, (sqlite3_int64)after_message);
    (void)sqlite3_bind_int64(row, 2, (sqlite3_int64)recipients);
    int code = row ? sqlite3_step(row) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *out_message = (uint64_t)sqlite3_column_int64(row, 0);
    int result = queue_end_of_rows(store, row, code);
    return result == STORE_OK && code == SQLITE_DONE ? STORE_NOT_FOUND : result;
}
