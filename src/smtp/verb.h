/* SPDX-License-Identifier: Apache-2.0 */
/* verb - the table of SMTP commands, and what its handlers share. Private to the room.
 *
 * Order of commands, "TLS first" and "log in first" are columns: session.c refuses by the row, and
 * a handler does only its verb.
 */
#ifndef SMTP_VERB_H
#define SMTP_VERB_H

#include "smtp/reply.h"
#include "smtp/session.h"

enum { VERB_STATES = SESSION_BDAT + 1 };

struct verb {
    struct slice name;
    enum session_want (*run)(struct session *s, struct slice arguments, struct text *out);
    uint8_t refused_in[VERB_STATES]; /* enum reply_name by state; REPLY_NONE: allowed */
    bool after_tls;                  /* refused while TLS is required and missing */
    bool after_auth;                 /* refused while a login is required and missing */
    bool bare;                       /* takes no arguments */
    bool content;                    /* content may follow that is no command */
    bool
        swallows; /* octets follow that must be read even when it is refused: s->refusal says why */
    bool hidden;  /* not in HELP */
};

const struct verb *verb_find(struct slice name); /* NULL: unknown */
const struct verb *verb_at(size_t index);        /* NULL behind the last */

/* Writes the reply; SESSION_WANT_LINE, or SESSION_WANT_CLOSE when it was one error too many (the
 * reply is then 421 instead). */
enum session_want session_reply(struct session *s, enum reply_name name, struct text *out);
enum session_want session_open(struct session *s, enum session_want want);
/* Forgets the transaction, and that it should be forgotten is remembered for the caller. */
void session_drop_transaction(struct session *s);
/* Whether there is a default domain for this name, and the two together are no longer than an
 * address may be. */
bool session_may_lack_domain(const struct session *s, const struct address *address);
int64_t session_message_max_bytes(const struct session *s); /* 0: no limit */
bool session_auth_offered(const struct session *s);         /* now, by any mechanism */
void session_append_mechanisms(const struct session *s, struct text *out); /* " A B" */
bool session_takes_logins(const struct session *s);                        /* now or inside TLS */

enum session_want verb_auth(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_auth_response(struct session *s, struct slice line, struct text *out);
enum session_want verb_bdat(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_data(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_ehlo(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_expn(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_helo(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_help(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_mail(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_noop(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_quit(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_rcpt(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_rset(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_starttls(struct session *s, struct slice arguments, struct text *out);
enum session_want verb_vrfy(struct session *s, struct slice arguments, struct text *out);

#endif
