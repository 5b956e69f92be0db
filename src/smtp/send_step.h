/* SPDX-License-Identifier: Apache-2.0 */
/* send_step - what the steps of a send session share. Private to the room.
 *
 * A step writes its command with send_say and says what the next reply will answer; when that
 * reply is there, the step's row is asked what it means. A row's function returns the next want.
 */
#ifndef SMTP_SEND_STEP_H
#define SMTP_SEND_STEP_H

#include "smtp/send_session.h"

/* --- what a code means (RFC 5321 4.2.1): its first digit --- */

bool send_accepted(const struct send_session *s); /* 2yz */
bool send_refused(const struct send_session *s);  /* 4yz, 5yz */
/* SEND_DELIVERED, SEND_DEFERRED or SEND_FAILED by it. */
enum send_fate send_fate_of(const struct send_session *s);
/* The enhanced status code of a text under this code. */
struct slice send_status(struct slice text, unsigned code);

/* --- commands --- */

/* One command line is complete in the output: a reply to it is due. */
void send_expect(struct send_session *s, uint32_t replies);
/* The whole command, and CR LF behind it; the next reply answers `step`. */
enum send_want send_say(struct send_session *s, enum send_step step, const char *verb,
                        struct slice argument);

/* What the witness is told, if there is one: a command that was just written, ... */
void send_tell(const struct send_session *s, const char *verb, struct slice argument);
/* ... a message of a login, which is not shown, ... */
void send_tell_login(const struct send_session *s, bool has_message);
/* ... and the reply that was just taken. What it repeats of our login is
 * taken out of it. */
void send_hear(struct send_session *s);

/* The next want; every public function ends with it. */
enum send_want send_open(struct send_session *s, enum send_want want);

/* --- answers --- */

/* The reply that was just taken. */
void send_answer_keep(struct send_answer *answer, const struct send_session *s);
/* Words of ours in the form of a reply. */
void send_answer_write(struct send_answer *answer, enum send_step step, unsigned code,
                       struct slice words);

/* --- ends --- */

/* The connection is over for a reason; an open transaction with it. Nothing more is said. */
enum send_want send_end_now(struct send_session *s, enum send_end end, unsigned code,
                            struct slice words);
enum send_want send_fault(struct send_session *s, struct slice words); /* 451 4.5.0 */
/* The same, but there is time to say QUIT. */
enum send_want send_leave(struct send_session *s, enum send_end end, unsigned code,
                          struct slice words);
/* Both because of the reply that was just taken. */
enum send_want send_end_refused(struct send_session *s, enum send_end end);
enum send_want send_leave_refused(struct send_session *s, enum send_end end);
enum send_want send_end_closing(struct send_session *s); /* that reply is 421 */

/* --- steps --- */

enum send_want send_greet(struct send_session *s); /* EHLO, LHLO, HELO */
enum send_want send_log_in(struct send_session *s);
bool send_wants_login(const struct send_session *s);
enum send_want send_ready(struct send_session *s); /* for a transaction, or it was the last */
enum send_want send_envelope(struct send_session *s);
enum send_want send_begin_body(struct send_session *s);
/* Every recipient of the open transaction has its fate. */
enum send_want send_transaction_over(struct send_session *s);

enum send_want send_on_greeting(struct send_session *s);
enum send_want send_on_ehlo(struct send_session *s);
enum send_want send_on_helo(struct send_session *s);
enum send_want send_on_starttls(struct send_session *s);
enum send_want send_on_auth(struct send_session *s);
enum send_want send_on_rset(struct send_session *s);
enum send_want send_on_mail(struct send_session *s);
enum send_want send_on_rcpt(struct send_session *s);
enum send_want send_on_data(struct send_session *s);
enum send_want send_on_body(struct send_session *s);
enum send_want send_on_chunk(struct send_session *s);
enum send_want send_on_end(struct send_session *s);
enum send_want send_on_quit(struct send_session *s);

/* --- the open transaction --- */

/* Gives those whose fate is open one, by the transaction's answer. */
void send_settle(struct send_transaction *t, enum send_fate fate);
/* The reply that was just taken decides for all of them. */
void send_decide(struct send_session *s);
/* Gives one recipient the reply that was just taken as its own. */
void send_settle_one(struct send_session *s, struct send_recipient *r, enum send_fate fate);
/* The first from *index on whose fate is open; *index is where it stands. NULL: none. */
struct send_recipient *send_next_open(struct send_transaction *t, size_t *index);

#endif
