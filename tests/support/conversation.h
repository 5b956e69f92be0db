/* SPDX-License-Identifier: Apache-2.0 */
/* conversation - SMTP dialogues written as text files, and their performance by the pure session.
 *
 * A file of tests/conversations is read line by line; `#` begins a comment.
 *
 *     C: text       the client sends this line and CR LF
 *     raw: text     the client sends these bytes as they are
 *     S: pattern    the server answers this line; `*` stands for any bytes
 *     want: pattern the session wants this of its caller. A file without any `want:` does not look
 * at wants; one with a single `want:` names them all, in order answer: kind words   the next want
 * of this kind is answered so; a want without an answer gets the friendly one. Kinds: sender,
 * recipient, auth, tls, store policy: words the connector; see conversation.c for names. `no-name`,
 * `name`, `name=value` time: ms      time passes (deadlines are looked at) shutdown:     the server
 * ends daemon: 25    the same C and S lines also hold for a real server on this port role
 *
 * Consecutive C and raw lines are sent in one piece. In them \r \n \t \0 \\ \xHH are bytes and
 * \{A*500} is 500 times A.
 */
#ifndef TESTS_SUPPORT_CONVERSATION_H
#define TESTS_SUPPORT_CONVERSATION_H

#include "base/text.h"
#include "smtp/session.h"

enum conversation_kind {
    CONVERSATION_CLIENT,
    CONVERSATION_RAW,
    CONVERSATION_SERVER,
    CONVERSATION_WANT,
    CONVERSATION_ANSWER,
    CONVERSATION_POLICY,
    CONVERSATION_TIME,
    CONVERSATION_SHUTDOWN,
    CONVERSATION_DAEMON,
};

struct conversation_line {
    enum conversation_kind kind;
    struct slice text;
    size_t number;
};

enum { CONVERSATION_LINES_MAX = 400 };

struct conversation {
    struct text source;
    struct conversation_line lines[CONVERSATION_LINES_MAX];
    size_t count;
    bool strict; /* has a want: line */
    bool implicit_tls, bindable, mends_bare_lf;
    struct session_policy policy;
};

/* How the client's bytes are cut into pieces. */
enum conversation_cut {
    CONVERSATION_WHOLE = 0,
    CONVERSATION_BYTES = 1 /* above: a seed for random cuts */
};

/* False: `error` says why. Free with conversation_free in any case. */
MUST_USE bool conversation_load(struct conversation *conversation, const char *path,
                                struct text *error);
void conversation_free(struct conversation *conversation);
/* What a C or raw line sends; false: a bad escape. */
bool conversation_append_bytes(struct text *text, const struct conversation_line *line);
bool conversation_matches(struct slice pattern, struct slice seen);
/* Plays it. Everything the session said and wanted goes to `transcript`; false: `error` says which
 * line of the file was not met. */
MUST_USE bool conversation_play(const struct conversation *conversation, uint32_t cut,
                                struct text *transcript, struct text *error);

#endif
