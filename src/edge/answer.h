/* SPDX-License-Identifier: Apache-2.0 */
/* answer - what other roles and content filters answer to the open want of a session, and what
 * their end means to it. One that comes too late, or to another want, is dropped. Each may free the
 * connection.
 */
#ifndef EDGE_ANSWER_H
#define EDGE_ANSWER_H

#include "edge/connection.h"

void answer_recipient(struct connection *connection, enum session_recipient_answer answer);
void answer_stored(struct connection *connection, const struct wire_message_answer *answer);
void answer_login(struct connection *connection, const struct wire_sasl_answer *answer);
/* The content filters have answered what they were asked. */
void answer_filtered(struct connection *connection);
/* The hub (or the checker) has died: what waits for it is answered, what was half handed over has
 * failed. */
void answer_hub_lost(struct connection *connection);
void answer_checker_lost(struct connection *connection);

#endif
