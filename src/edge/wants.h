/* SPDX-License-Identifier: Apache-2.0 */
/* wants - meeting what the session wants: each want has one function, and a table says which.
 *
 * Some are met here and now (may this sender be used?), some by another role: then the connection
 * is `asked` and reads nothing until the answer has come back.
 */
#ifndef EDGE_WANTS_H
#define EDGE_WANTS_H

#include "edge/connection.h"

/* Uses up *rest as far as the open wants allow. */
void wants_run(struct connection *connection, struct slice *rest);
/* The message was stored, or was not: the transaction ends with its reply. */
enum session_want wants_stored(struct connection *connection, enum session_stored_answer answer,
                               uint64_t internal_id);
/* It comes to nothing: the hub and the filters forget it. */
void wants_drop_transaction(struct connection *connection);
/* Asks the hub whether somebody of ours has the address; false: it cannot be asked. */
bool wants_ask_for_recipient(struct connection *connection, struct slice mailbox, bool must_exist);

/* Replies to MAIL and RCPT, in the words of a content filter where one refuses. */
enum session_want wants_answer_sender(struct connection *connection,
                                      enum session_sender_answer answer);
enum session_want wants_answer_recipient(struct connection *connection,
                                         enum session_recipient_answer answer);
/* The message is complete and the filters have spoken. True: the hub was asked to store it; else
 * *out_want is how the session goes on. */
bool wants_hand_over(struct connection *connection, enum session_want *out_want);

#endif
