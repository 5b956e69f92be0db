/* SPDX-License-Identifier: Apache-2.0 */
/* refusal - what a session may not do, for both logs: who lacks which right, and the command that
 * grants it. The peer is told a code and no more.
 */
#ifndef EDGE_REFUSAL_H
#define EDGE_REFUSAL_H

#include "edge/connection.h"
#include "model/rights.h"

/* `command` is what was refused: "AUTH", "MAIL FROM", "From", "RCPT TO". A session fills at most
 * REFUSALS_TOLD_MAX lines of the log. */
enum { REFUSALS_TOLD_MAX = 5 };
void refusal_report(struct connection *connection, const char *command, struct slice address,
                    struct rights_answer answer);
/* Mail of a domain that must be proven, from a client that has not. */
void refusal_report_unproven(struct connection *connection, struct slice sender);
/* From is written so that readers would disagree on who it names. */
void refusal_report_unclear(struct connection *connection, struct slice from);

/* A content filter has failed; `goes_on`: the message does without it. */
void refusal_report_filter(struct connection *connection, struct slice endpoint, const char *why,
                           bool goes_on);

#endif
