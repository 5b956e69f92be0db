/* SPDX-License-Identifier: Apache-2.0 */
/* client_reply - a server's reply as its client reads it (RFC 5321 4.2).
 *
 * Strict: every line ends in CRLF, begins with three digits and a blank or dash, and the lines of
 * one reply carry one code. Anything else is no reply, and the session is over.
 */
#ifndef SMTP_CLIENT_REPLY_H
#define SMTP_CLIENT_REPLY_H

#include "base/text.h"

enum {
    CLIENT_REPLY_LINE_MAX = 2048, /* with its CRLF */
    CLIENT_REPLY_LINES_MAX = 100,
};

enum client_reply_outcome {
    CLIENT_REPLY_DONE,
    CLIENT_REPLY_MORE, /* nothing is taken: more bytes are needed */
    CLIENT_REPLY_BAD,  /* these bytes are none */
};

struct client_reply {
    unsigned code;    /* 200 to 599 */
    struct text text; /* the lines without their codes, each with LF behind it */
};

/* Takes one whole reply from the front of the input. The text is the caller's, cleared first; one
 * with room for CLIENT_REPLY_LINE_MAX * CLIENT_REPLY_LINES_MAX holds any reply, a smaller one makes
 * a longer reply CLIENT_REPLY_BAD. */
enum client_reply_outcome client_reply_take(struct slice *input, struct client_reply *reply);
/* Whether the reply (to EHLO) has a line that begins with this word, in any case; the arguments
 * behind it. */
bool client_reply_offers(const struct client_reply *reply, struct slice word,
                         struct slice *out_arguments);

#endif
