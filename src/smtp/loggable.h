/* SPDX-License-Identifier: Apache-2.0 */
/* loggable - commands and replies as they may be written down: with everything secret taken out.
 *
 * Secret are an initial response of AUTH, every line of an AUTH exchange, the challenges, and what
 * looks like the rest of an exchange that was refused: a client that does not wait for the answer
 * sends its password as if it were a command. Bodies never come here.
 */
#ifndef SMTP_LOGGABLE_H
#define SMTP_LOGGABLE_H

#include "base/text.h"

struct loggable { /* what is remembered of one session; zero is the start */
    bool auth_seen;
};

/* A command line without its CRLF. `within_auth`: an exchange is open (session->auth_open). */
bool loggable_append_command(struct loggable *loggable, struct text *out, struct slice line,
                             bool within_auth);
/* Takes one whole reply from the front of *replies and appends it as one line: the later lines of
 * a reply without their code, blanks between them. False when none is left. */
bool loggable_take_reply(struct slice *replies, struct text *out);

#endif
