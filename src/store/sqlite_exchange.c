/* SPDX-License-Identifier: Apache-2.0 */
/* Other recipients in the place of some: one that is expanded late, or all that are redirected. */
#include "store/sqlite_queue.h"

/* How many went; SQLite's code. */
static int remove_former(struct store *store, const struct recipient_exchange *exchange,
                         uint64_t *out_gone)
{
    sqlite3_stmt *gone =
        queue_statement(store, exchange->owned ? WRITE_RECIPIENT_GONE : WRITE_RECIPIENTS_EXCHANGED);
    if (!gone)
        return SQLITE_ERROR;
    if (exchange->owned) {
        queue_bind_row(gone, exchange->message, exchange->recipient, store->incarnation);
    } else {
        (void)sqlite3_bind_int64(gone, 1, (sqlite3_int64)exchange->message);
        (void)sqlite3_bind_int(gone, 2, STATE_MESSAGE_SUSPENDED);
    }
    int code = database_step(gone);
    *out_gone = code == SQLITE_OK ? (uint64_t)queue_changes(store) : 0;
    return code;
}

/* Numbers are not used again: the name of a delivered file is made of them. */
static int first_number(struct store *store, const struct recipient_exchange *exchange,
                        int64_t *out_number)
{
    sqlite3_stmt *find = queue_statement(store, WRITE_RECIPIENT_NUMBER);
    if (!find)
        return SQLITE_ERROR;
    (void)sqlite3_bind_int64(find, 1, (sqlite3_int64)exchange->message);
    (void)sqlite3_bind_int64(find, 2, exchange->first_number);
    int code = sqlite3_step(find);
    *out_number = code == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    int reset = sqlite3_reset(find);
    return code == SQLITE_ROW ? SQLITE_OK : reset;
}

static int insert(struct store *store, const struct recipient_exchange *exchange, int64_t number,
                  const struct envelope_recipient *recipient)
{
    struct destination_entry destination;
    int code = destination_find(store, recipient->destination, true, &destination);
    sqlite3_stmt *statement = queue_statement(store, WRITE_RECIPIENT);
    if (code != SQLITE_OK || !statement)
        return code != SQLITE_OK ? code : SQLITE_ERROR;
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)exchange->message);
    (void)sqlite3_bind_int64(statement, 2, number);
    database_bind_slice(statement, 3, recipient->address);
    (void)sqlite3_bind_int64(statement, 4, destination.id);
    (void)sqlite3_bind_int(statement, 5,
                           destination.state | (exchange->owned ? 0 : STATE_MESSAGE_SUSPENDED));
    (void)sqlite3_bind_null(statement, 6);
    (void)sqlite3_bind_int64(statement, 7, recipient->next_at_ms);
    database_bind_slice(statement, 8, recipient->data);
    return database_step(statement);
}

int queue_write_exchange(struct store *store, struct request *request)
{
    const struct recipient_exchange *exchange = &request->exchange.exchange;
    int64_t number = 0;
    int code = first_number(store, exchange, &number);
    if (code == SQLITE_OK)
        code = remove_former(store, exchange, &request->exchange.gone);
    request->number = request->exchange.gone;
    request->outcome = request->number ? STORE_OK : STORE_LOST;
    size_t count = request->number ? exchange->recipient_count : 0;
    for (size_t i = 0; code == SQLITE_OK && i < count; i++)
        code = insert(store, exchange, number + (int64_t)i, &exchange->recipients[i]);
    return code == SQLITE_OK ? code : queue_failure(store, code);
}
