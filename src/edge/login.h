/* SPDX-License-Identifier: Apache-2.0 */
/* login - who the client is, and what that lets it do: AUTH through the checker, the rights of the
 * session, and what the log hears of those who fail.
 */
#ifndef EDGE_LOGIN_H
#define EDGE_LOGIN_H

#include "edge/connection.h"

/* The want of AUTH (edge/wants): the checker is asked. */
bool login_meet(struct connection *connection, struct slice *rest);
/* The client has cancelled, or has gone. */
void login_abandon(struct connection *connection);
/* The checker has taken the login. It is refused all the same, in the same words as a wrong
 * password, when the account may not submit here: a login that is good for nothing only tells
 * guesses apart. */
enum session_auth_answer login_accept(struct connection *connection,
                                      const struct wire_sasl_answer *answer);
/* The session has begun, has begun again inside TLS, or somebody has logged in: what the client may
 * do from here on. */
void login_take_rights(struct connection *connection);
void login_report_failure(struct connection *connection);
void login_report_limit(struct connection *connection); /* that was one too many */

#endif
