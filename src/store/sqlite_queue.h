/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_queue - the statements of the writer's connection to the queue, by name. */
#ifndef STORE_SQLITE_QUEUE_H
#define STORE_SQLITE_QUEUE_H

#include "store/engine.h"

enum queue_write {
    WRITE_BEGIN,
    WRITE_COMMIT,
    WRITE_MESSAGE,
    WRITE_RECIPIENT,
    WRITE_RECIPIENT_GONE,
    WRITE_RECIPIENT_DEFER,
    WRITE_RECIPIENT_RELEASE,
    WRITE_RECIPIENT_OWN,
    WRITE_RECIPIENT_MOVE,
    WRITE_RECIPIENT_LEFT,
    WRITE_RECIPIENT_NUMBER,
    WRITE_RECIPIENTS_EXCHANGED,
    WRITE_MESSAGE_SEGMENT,
    WRITE_MESSAGE_GONE,
    WRITE_MESSAGE_STATE,
    WRITE_MESSAGE_RECIPIENTS_STATE,
    WRITE_MESSAGE_DEATH,
    WRITE_MESSAGE_ASIDE,
    WRITE_MESSAGE_RETRY,
    WRITE_MESSAGE_RECIPIENTS_GONE,
    WRITE_DESTINATION,
    WRITE_DESTINATION_FIND,
    WRITE_DESTINATION_STATE,
    WRITE_DESTINATION_RECIPIENTS_STATE,
    WRITE_DESTINATION_RETRY,
    WRITE_DESTINATION_FAILED,
    WRITE_DESTINATION_WELL,
    WRITE_RECIPIENT_DESTINATION,
    WRITE_BODY_PLACE,
    WRITE_BODY_MOVED,
    WRITE_COUNT,
};
_Static_assert((int)WRITE_COUNT <= (int)DATABASE_STATEMENTS_MAX, "room for each statement");

/* The statement with its first integers bound: message, number or id. */
sqlite3_stmt *queue_statement(struct store *store, enum queue_write which);
int queue_changes(struct store *store); /* rows changed by the last statement */
/* The code of the last failure: a statement that could not even be prepared included. */
int queue_failure(struct store *store, int code);
/* Binds message, number and owner. */
void queue_bind_row(sqlite3_stmt *statement, uint64_t message, uint32_t number, int64_t owner);
/* Deletes the message row, remembering where its body was. */
MUST_USE int queue_remove_message(struct store *store, uint64_t message, struct removal *removal);

#endif
