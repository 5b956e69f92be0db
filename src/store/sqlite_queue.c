/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_queue.h"

/* clang-format off */
const char *const queue_write_texts[] = {
    [WRITE_BEGIN] = "BEGIN IMMEDIATE",
    [WRITE_COMMIT] = "COMMIT",
    [WRITE_MESSAGE] = "INSERT INTO message(id, sender, size, received_at, expires_at, state, checksum, segment,"
                      " segment_offset, envelope, body) VALUES(?1, ?2, ?3, ?4, ?5, ?11, ?6, ?7, ?8, ?9, ?10)"
                      " ON CONFLICT DO NOTHING",
    [WRITE_RECIPIENT] = "INSERT INTO recipient(message, number, address, destination, state, owner, next_at,"
                        " attempts, last_error, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, '', ?8)",
    [WRITE_RECIPIENT_GONE] = "DELETE FROM recipient WHERE message = ?1 AND number = ?2 AND owner = ?3",
    [WRITE_RECIPIENT_DEFER] = "UPDATE recipient SET owner = NULL, next_at = ?4, attempts = attempts + 1,"
                              " last_error = ?5 WHERE message = ?1 AND number = ?2 AND owner = ?3",
    [WRITE_RECIPIENT_RELEASE] = "UPDATE recipient SET owner = NULL, next_at = ?4"
                                " WHERE message = ?1 AND number = ?2 AND owner = ?3",
    [WRITE_RECIPIENT_OWN] = "UPDATE recipient SET owner = ?3 WHERE message = ?1 AND number = ?2 AND owner IS NULL",
    [WRITE_RECIPIENT_MOVE] = "UPDATE recipient SET destination = ?3, next_at = min(next_at, ?4), state = (state & ~?5) | ?6"
                             " WHERE message = ?1 AND number = ?2 AND owner IS NULL",
    [WRITE_RECIPIENT_NUMBER] = "SELECT max(coalesce(max(number) + 1, 0), ?2) FROM recipient WHERE message = ?1",
    [WRITE_RECIPIENTS_EXCHANGED] = "DELETE FROM recipient WHERE message = ?1 AND owner IS NULL AND state & ?2",
    [WRITE_RECIPIENT_LEFT] = "SELECT 1 FROM recipient WHERE message = ?1 LIMIT 1",
    [WRITE_MESSAGE_SEGMENT] = "SELECT segment FROM message WHERE id = ?1",
    [WRITE_MESSAGE_GONE] = "DELETE FROM message WHERE id = ?1",
    [WRITE_MESSAGE_STATE] = "UPDATE message SET state = (state | ?2) & ~?3 WHERE id = ?1",
    [WRITE_MESSAGE_RECIPIENTS_STATE] = "UPDATE recipient SET state = (state | ?2) & ~?3 WHERE message = ?1",
    [WRITE_MESSAGE_DEATH] = "UPDATE message SET state = state + ?2 WHERE id = ?1 AND state < ?3",
    [WRITE_MESSAGE_ASIDE] = "UPDATE recipient SET destination = ?2, state = (state & ~?3) | ?4"
                            " WHERE message = ?1 AND owner IS NULL",
    [WRITE_MESSAGE_RETRY] = "UPDATE recipient SET next_at = min(next_at, ?2) WHERE message = ?1 AND owner IS NULL",
    [WRITE_MESSAGE_RECIPIENTS_GONE] = "DELETE FROM recipient WHERE message = ?1",
    [WRITE_DESTINATION] = "INSERT INTO destination(key, state, failures, last_error) VALUES(?1, 0, 0, '')",
    [WRITE_DESTINATION_FIND] = "SELECT id, state, failures FROM destination WHERE key = ?1",
    [WRITE_DESTINATION_STATE] = "UPDATE destination SET state = (state | ?2) & ~?3 WHERE id = ?1",
    [WRITE_DESTINATION_RECIPIENTS_STATE] = "UPDATE recipient SET state = (state | ?2) & ~?3 WHERE destination = ?1",
    [WRITE_DESTINATION_RETRY] = "UPDATE recipient SET next_at = min(next_at, ?2)"
                                " WHERE destination = ?1 AND owner IS NULL AND state = 0",
    [WRITE_DESTINATION_FAILED] = "UPDATE destination SET failures = failures + 1, last_error = ?2 WHERE id = ?1",
    [WRITE_DESTINATION_WELL] = "UPDATE destination SET failures = 0 WHERE id = ?1 AND failures > 0",
    [WRITE_RECIPIENT_DESTINATION] = "SELECT destination FROM recipient WHERE message = ?1 AND number = ?2",
    [WRITE_BODY_PLACE] = "SELECT size, checksum, segment_offset FROM message WHERE id = ?1 AND segment = ?2",
    [WRITE_BODY_MOVED] = "UPDATE message SET segment = ?2, segment_offset = ?3 WHERE id = ?1 AND segment = ?4"
                         " AND NOT EXISTS(SELECT 1 FROM recipient WHERE message = ?1 AND owner IS NOT NULL)",
    [WRITE_COUNT] = NULL,
};
/* clang-format on */

sqlite3_stmt *queue_statement(struct store *store, enum queue_write which)
{
    return database_statement(&store->queue_writer, which);
}

int queue_changes(struct store *store)
{
    return sqlite3_changes(store->queue_writer.handle);
}

int queue_failure(struct store *store, int code)
{
    int last = sqlite3_extended_errcode(store->queue_writer.handle);
    return code == SQLITE_ERROR && last != SQLITE_OK ? last : code;
}

static void bind_u64(sqlite3_stmt *statement, int index, uint64_t number)
{
    (void)sqlite3_bind_int64(statement, index, (sqlite3_int64)number);
}

void queue_bind_row(sqlite3_stmt *statement, uint64_t message, uint32_t number, int64_t owner)
{
    bind_u64(statement, 1, message);
    (void)sqlite3_bind_int64(statement, 2, number);
    (void)sqlite3_bind_int64(statement, 3, owner);
}

/* --- accept ---------------------------------------------------------------------------------- */

static int insert_message(struct store *store, const struct accept_request *accept)
{
    sqlite3_stmt *statement = queue_statement(store, WRITE_MESSAGE);
    const struct envelope *envelope = &accept->envelope;
    if (!statement)
        return queue_failure(store, SQLITE_ERROR);
    bind_u64(statement, 1, envelope->message);
    database_bind_slice(statement, 2, envelope->sender);
    bind_u64(statement, 3, accept->body->size);
    (void)sqlite3_bind_int64(statement, 4, envelope->received_at_ms);
    (void)sqlite3_bind_int64(statement, 5, envelope->expires_at_ms);
    bind_u64(statement, 6, accept->body->checksum);
    database_bind_slice(statement, 9, envelope->envelope);
    (void)sqlite3_bind_int(statement, 11, envelope->suspended ? STATE_MESSAGE_SUSPENDED : 0);
    if (accept->in_row) {
        (void)sqlite3_bind_null(statement, 7);
        (void)sqlite3_bind_null(statement, 8);
        database_bind_blob(statement, 10,
                           (struct slice){accept->body->memory, (size_t)accept->body->size});
    } else {
        bind_u64(statement, 7, accept->segment);
        bind_u64(statement, 8, accept->offset);
        (void)sqlite3_bind_null(statement, 10);
    }
    return database_step(statement);
}

static int insert_recipient(struct store *store, const struct envelope *envelope, uint32_t number)
{
    const struct envelope_recipient *recipient = &envelope->recipients[number];
    struct destination_entry destination;
    int code = destination_find(store, recipient->destination, true, &destination);
    sqlite3_stmt *statement = queue_statement(store, WRITE_RECIPIENT);
    if (code != SQLITE_OK || !statement)
        return queue_failure(store, code != SQLITE_OK ? code : SQLITE_ERROR);
    bind_u64(statement, 1, envelope->message);
    (void)sqlite3_bind_int64(statement, 2, number);
    database_bind_slice(statement, 3, recipient->address);
    (void)sqlite3_bind_int64(statement, 4, destination.id);
    int state = destination.state | (envelope->suspended ? STATE_MESSAGE_SUSPENDED : 0);
    (void)sqlite3_bind_int(statement, 5, state);
    if (envelope->suspended)
        (void)sqlite3_bind_null(statement, 6);
    else
        (void)sqlite3_bind_int64(statement, 6, store->incarnation);
    (void)sqlite3_bind_int64(statement, 7, recipient->next_at_ms);
    database_bind_slice(statement, 8, recipient->data);
    return database_step(statement);
}

/* Errors that concern this message alone do not spoil the batch. */
static bool is_of_the_message(int code)
{
    int primary = code & 0xff;
    return primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
           primary == SQLITE_RANGE;
}

static int take_back(struct store *store, uint64_t message)
{
    static const enum queue_write both[] = {WRITE_MESSAGE_RECIPIENTS_GONE, WRITE_MESSAGE_GONE};
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < COUNT_OF(both); i++) {
        sqlite3_stmt *statement = queue_statement(store, both[i]);
        bind_u64(statement, 1, message);
        code = database_step(statement);
    }
    return code;
}

int queue_write_accept(struct store *store, struct request *request)
{
    struct accept_request *accept = &request->accept;
    const struct envelope *envelope = &accept->envelope;
    int code = insert_message(store, accept);
    accept->inserted = code == SQLITE_OK && queue_changes(store) > 0;
    for (size_t i = 0; accept->inserted && code == SQLITE_OK && i < envelope->recipient_count; i++)
        code = insert_recipient(store, envelope, (uint32_t)i);
    if (!is_of_the_message(code))
        return code;
    request->outcome = STORE_FAILED;
    if (!accept->inserted)
        return SQLITE_OK;
    accept->inserted = false;
    return take_back(store, envelope->message);
}

/* --- finish ---------------------------------------------------------------------------------- */

int queue_remove_message(struct store *store, uint64_t message, struct removal *removal)
{
    sqlite3_stmt *find = queue_statement(store, WRITE_MESSAGE_SEGMENT);
    sqlite3_stmt *gone = queue_statement(store, WRITE_MESSAGE_GONE);
    if (!find || !gone)
        return queue_failure(store, SQLITE_ERROR);
    bind_u64(find, 1, message);
    int code = sqlite3_step(find);
    uint32_t segment = code == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(find, 0) : 0;
    int reset = sqlite3_reset(find);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return reset;
    bind_u64(gone, 1, message);
    int deleted = database_step(gone);
    *removal = (struct removal){message, segment, deleted == SQLITE_OK && code == SQLITE_ROW};
    return deleted;
}

static int remove_when_last(struct store *store, uint64_t message, struct removal *removal)
{
    sqlite3_stmt *left = queue_statement(store, WRITE_RECIPIENT_LEFT);
    bind_u64(left, 1, message);
    int code = left ? sqlite3_step(left) : SQLITE_ERROR;
    int reset = sqlite3_reset(left);
    if (code == SQLITE_ROW)
        return SQLITE_OK;
    return code == SQLITE_DONE ? queue_remove_message(store, message, removal)
                               : queue_failure(store, left ? reset : code);
}

/* The destination of a recipient that was tried; 0 when it is not there. */
static int64_t destination_of(struct store *store, const struct delivery_outcome *outcome)
{
    sqlite3_stmt *find = queue_statement(store, WRITE_RECIPIENT_DESTINATION);
    bind_u64(find, 1, outcome->message);
    (void)sqlite3_bind_int64(find, 2, outcome->recipient);
    int64_t id = find && sqlite3_step(find) == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    (void)sqlite3_reset(find);
    return id;
}

static int note_destination(struct store *store, int64_t destination,
                            const struct delivery_outcome *outcome)
{
    bool failed = outcome->verdict == DELIVERY_DEFERRED;
    sqlite3_stmt *note =
        queue_statement(store, failed ? WRITE_DESTINATION_FAILED : WRITE_DESTINATION_WELL);
    (void)sqlite3_bind_int64(note, 1, destination);
    if (failed)
        database_bind_slice(note, 2, outcome->last_error);
    return database_step(note);
}

static int finish_gone(struct store *store, const struct delivery_outcome *outcome,
                       struct removal *removal, bool *out_found)
{
    bool well = outcome->verdict == DELIVERY_DONE && store->some_destination_failing;
    int64_t destination = well ? destination_of(store, outcome) : 0;
    sqlite3_stmt *gone = queue_statement(store, WRITE_RECIPIENT_GONE);
    queue_bind_row(gone, outcome->message, outcome->recipient, store->incarnation);
    int code = database_step(gone);
    *out_found = code == SQLITE_OK && queue_changes(store) > 0;
    if (!*out_found)
        return code;
    if (destination)
        code = note_destination(store, destination, outcome);
    return code == SQLITE_OK ? remove_when_last(store, outcome->message, removal) : code;
}

static int finish_kept(struct store *store, const struct delivery_outcome *outcome, bool *out_found)
{
    bool deferred = outcome->verdict == DELIVERY_DEFERRED;
    sqlite3_stmt *kept =
        queue_statement(store, deferred ? WRITE_RECIPIENT_DEFER : WRITE_RECIPIENT_RELEASE);
    queue_bind_row(kept, outcome->message, outcome->recipient, store->incarnation);
    (void)sqlite3_bind_int64(kept, 4, outcome->next_at_ms);
    if (deferred)
        database_bind_slice(kept, 5, outcome->last_error);
    int code = database_step(kept);
    *out_found = code == SQLITE_OK && queue_changes(store) > 0;
    int64_t destination = *out_found && deferred ? destination_of(store, outcome) : 0;
    store->some_destination_failing |= destination != 0;
    return destination ? note_destination(store, destination, outcome) : code;
}

int queue_write_finish(struct store *store, struct request *request)
{
    struct finish_request *finish = &request->finish;
    finish->recipients_gone = 0;
    request->number = 0;
    for (size_t i = 0; i < finish->count; i++) {
        const struct delivery_outcome *outcome = &finish->outcomes[i];
        bool gone = outcome->verdict == DELIVERY_DONE || outcome->verdict == DELIVERY_FAILED;
        bool found = false;
        finish->removals[i] = (struct removal){0};
        int code = gone ? finish_gone(store, outcome, &finish->removals[i], &found)
                        : finish_kept(store, outcome, &found);
        if (code != SQLITE_OK)
            return queue_failure(store, code);
        finish->recipients_gone += gone && found;
        request->number += !found;
    }
    request->outcome = request->number ? STORE_LOST : STORE_OK;
    return SQLITE_OK;
}

int queue_write_own(struct store *store, struct request *request)
{
    for (size_t i = 0; i < request->own->count; i++) {
        sqlite3_stmt *own = queue_statement(store, WRITE_RECIPIENT_OWN);
        queue_bind_row(own, request->own->rows[i].message, request->own->rows[i].recipient,
                       store->incarnation);
        int code = database_step(own);
        if (code != SQLITE_OK)
            return queue_failure(store, code);
    }
    return SQLITE_OK;
}

/* --- move ------------------------------------------------------------------------------------ */

static int move_recipient(struct store *store, const struct recipient_move *move)
{
    struct destination_entry destination;
    int code = destination_find(store, move->destination, true, &destination);
    sqlite3_stmt *statement = queue_statement(store, WRITE_RECIPIENT_MOVE);
    if (code != SQLITE_OK || !statement)
        return code != SQLITE_OK ? code : SQLITE_ERROR;
    queue_bind_row(statement, move->message, move->recipient, destination.id);
    (void)sqlite3_bind_int64(statement, 4, move->next_at_ms);
    (void)sqlite3_bind_int(statement, 5, STATE_DESTINATION_SUSPENDED);
    (void)sqlite3_bind_int(statement, 6, destination.state & STATE_DESTINATION_SUSPENDED);
    return database_step(statement);
}

int queue_write_move(struct store *store, struct request *request)
{
    request->number = 0;
    for (size_t i = 0; i < request->move.count; i++) {
        int code = move_recipient(store, &request->move.moves[i]);
        if (code != SQLITE_OK)
            return queue_failure(store, code);
        request->number += (uint64_t)queue_changes(store);
    }
    return SQLITE_OK;
}
