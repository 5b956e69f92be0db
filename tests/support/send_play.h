/* SPDX-License-Identifier: Apache-2.0 */
/* send_play - a send session and a server that is a text.
 *
 * The script is what both say, a line each, in order:
 *
 *     S 220 mx      the server says this line; lines that follow one another come in one piece
 *     C EHLO us     we have said this line
 *     S! lost       the connection is gone;  S! late  the server is too slow
 *
 * Wants are met as the play's members say. At the end nothing may be left, neither of the script
 * nor of what we said. The same play with the server's bytes cut must come to the same.
 */
#ifndef TESTS_SUPPORT_SEND_PLAY_H
#define TESTS_SUPPORT_SEND_PLAY_H

#include "smtp/send_session.h"

enum { SEND_PLAY_RECIPIENTS_MAX = 120 };

struct send_play {
    const char *name;
    struct send_policy policy; /* hello_name: "us" when empty */
    bool tls;                  /* from the start */
    enum send_tls_answer handshake;
    enum sasl_play {
        SASL_PLAY_AT_ONCE,
        SASL_PLAY_LATER,
        SASL_PLAY_ENDLESS,
        SASL_PLAY_GIVES_UP
    } sasl;
    struct send_transaction message; /* sender: "s@x" when empty; size -1 when 0 */
    const char *recipients;          /* with blanks between them; "a@y" when NULL */
    struct slice orcpt;              /* of each */
    unsigned notify;
    size_t messages;  /* the same one again; 1 when 0 */
    const char *body; /* "Hi\r\n" when NULL */
    size_t piece;     /* bytes of it in one call; 0: all */
    bool body_lost;
    const char *script;
    /* "D the end of the message: 250 ok" for each recipient of the last message, "; " between them.
     * D delivered, T deferred, F failed, U uncertain, L later, - nothing. * stands behind a text
     * of our own, / for a line end. */
    const char *fates;
    const char *ending; /* "quit", "closing GREETING: 421 x" */
};

/* `cut`: bytes of the server in one feed. Fails the test, naming the play. */
void send_play_run(const struct send_play *play, size_t cut);

#endif
