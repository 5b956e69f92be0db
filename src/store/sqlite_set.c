/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of the administrator: suspend, resume, retry, remove; and the mark of damage. */
#include "store/sqlite_queue.h"

/* What an order does to the bits, and with which statements. */
static const struct order {
    int set, clear;
} message_orders[] =
    {
        [QUEUE_SUSPEND] = {STATE_MESSAGE_SUSPENDED, 0},
        [QUEUE_RESUME] = {0, STATE_MESSAGE_SUSPENDED | STATE_DEATHS},
},
  destination_orders[] = {
      [QUEUE_SUSPEND] = {STATE_DESTINATION_SUSPENDED, 0},
      [QUEUE_RESUME] = {0, STATE_DESTINATION_SUSPENDED},
};

static int change_state(struct store *store, enum queue_write which, int64_t id, struct order order)
{
    sqlite3_stmt *statement = queue_statement(store, which);
    (void)sqlite3_bind_int64(statement, 1, id);
    (void)sqlite3_bind_int(statement, 2, order.set);
    (void)sqlite3_bind_int(statement, 3, order.clear);
    return queue_failure(store, database_step(statement));
}

static int change_due(struct store *store, enum queue_write which, int64_t id, int64_t at_ms)
{
    sqlite3_stmt *statement = queue_statement(store, which);
    (void)sqlite3_bind_int64(statement, 1, id);
    (void)sqlite3_bind_int64(statement, 2, at_ms);
    return queue_failure(store, database_step(statement));
}

static int remove_message(struct store *store, struct request *request)
{
    struct set_request *set = &request->set;
    sqlite3_stmt *recipients = queue_statement(store, WRITE_MESSAGE_RECIPIENTS_GONE);
    (void)sqlite3_bind_int64(recipients, 1, (int64_t)set->message);
    int code = database_step(recipients);
    request->number = (uint64_t)queue_changes(store);
    if (code == SQLITE_OK)
        code = queue_remove_message(store, set->message, &set->removal);
    if (code == SQLITE_OK && !set->removal.removed)
        request->outcome = STORE_NOT_FOUND;
    return queue_failure(store, code);
}

static int mark_message(struct store *store, struct request *request, struct order order)
{
    int64_t message = (int64_t)request->set.message;
    int code = change_state(store, WRITE_MESSAGE_STATE, message, order);
    if (code == SQLITE_OK && queue_changes(store) == 0)
        request->outcome = STORE_NOT_FOUND;
    if (code == SQLITE_OK)
        code = change_state(store, WRITE_MESSAGE_RECIPIENTS_STATE, message, order);
    request->number = (uint64_t)queue_changes(store);
    return code;
}

/* Saturates: who is at the end of the count is not there by chance. */
static int count_death(struct store *store, struct request *request)
{
    int64_t message = (int64_t)request->set.message;
    struct order order = {STATE_ONE_DEATH, STATE_DEATHS};
    int code = change_state(store, WRITE_MESSAGE_DEATH, message, order);
    request->number = (uint64_t)queue_changes(store);
    if (code == SQLITE_OK && request->number == 0)
        request->outcome = STORE_NOT_FOUND;
    return code;
}

int queue_write_message(struct store *store, struct request *request)
{
    request->outcome = STORE_OK;
    int code = SQLITE_OK;
    switch (request->set.order) {
    case QUEUE_SUSPEND:
    case QUEUE_RESUME:
        return mark_message(store, request, message_orders[request->set.order]);
    case QUEUE_SUSPECT:
        return count_death(store, request);
    case QUEUE_REMOVE:
        return remove_message(store, request);
    case QUEUE_RETRY:
        code = mark_message(store, request, (struct order){0, 0});
        if (code == SQLITE_OK)
            code = change_due(store, WRITE_MESSAGE_RETRY, (int64_t)request->set.message,
                              request->set.at_ms);
        request->number = (uint64_t)queue_changes(store);
        return code;
    }
    return code;
}

int queue_write_aside(struct store *store, struct request *request)
{
    struct destination_entry entry;
    request->outcome = STORE_OK;
    int code = destination_find(store, request->set.destination, true, &entry);
    if (code == SQLITE_OK)
        code = mark_message(store, request, (struct order){STATE_MESSAGE_SUSPENDED, 0});
    if (code != SQLITE_OK || request->outcome != STORE_OK)
        return queue_failure(store, code);
    sqlite3_stmt *aside = queue_statement(store, WRITE_MESSAGE_ASIDE);
    (void)sqlite3_bind_int64(aside, 1, (int64_t)request->set.message);
    (void)sqlite3_bind_int64(aside, 2, entry.id);
    (void)sqlite3_bind_int(aside, 3, STATE_DESTINATION_SUSPENDED);
    (void)sqlite3_bind_int(aside, 4, entry.state & STATE_DESTINATION_SUSPENDED);
    code = database_step(aside);
    request->number = (uint64_t)queue_changes(store);
    return queue_failure(store, code);
}

int queue_write_damaged(struct store *store, struct request *request)
{
    return mark_message(store, request, (struct order){STATE_DAMAGED, 0});
}

int queue_write_destination(struct store *store, struct request *request)
{
    const struct set_request *set = &request->set;
    struct destination_entry entry;
    request->outcome = STORE_OK;
    int code = destination_find(store, set->destination, set->order == QUEUE_SUSPEND, &entry);
    bool of_messages = set->order == QUEUE_REMOVE || set->order == QUEUE_SUSPECT;
    if (code == SQLITE_OK && (entry.id == 0 || of_messages)) {
        request->outcome = STORE_NOT_FOUND;
        return SQLITE_OK;
    }
    if (code == SQLITE_OK && set->order == QUEUE_RETRY) {
        code = change_due(store, WRITE_DESTINATION_RETRY, entry.id, set->at_ms);
    } else if (code == SQLITE_OK) {
        struct order order = destination_orders[set->order];
        code = change_state(store, WRITE_DESTINATION_STATE, entry.id, order);
        if (code == SQLITE_OK)
            code = change_state(store, WRITE_DESTINATION_RECIPIENTS_STATE, entry.id, order);
        destination_forget(store);
    }
    request->number = (uint64_t)queue_changes(store);
    return queue_failure(store, code);
}
