/* SPDX-License-Identifier: Apache-2.0 */
/* smtp_client - a mail client's side of one SMTP session, with blocking calls and deadlines.
 *
 * Strict: every reply line ends in CRLF, begins with three digits and a blank or dash, and the
 * lines of one reply carry one code (RFC 5321 4.2). Anything else ends the session. Every wait has
 * a limit. What is said is kept as a transcript, secrets left out.
 */
#ifndef PROGRAMS_POSTERN_SMTP_CLIENT_H
#define PROGRAMS_POSTERN_SMTP_CLIENT_H

#include "base/ip.h"
#include "base/text.h"
#include "tls/context.h"
#include "tls/engine.h"

enum { SMTP_LINE_MAX = 2048, SMTP_REPLY_LINES_MAX = 100, SMTP_WAIT_MS = 30000 };

struct smtp_client {
    int fd;
    struct tls_engine *tls; /* NULL: in clear */
    struct text input;      /* received and not yet a line */
    struct text reply;      /* the last reply, a line each, without codes */
    struct text transcript; /* "C: ..." and "S: ..." */
    struct text failure;    /* why the session is over */
    unsigned code;          /* of the last reply */
};

void smtp_client_init(struct smtp_client *client);
void smtp_client_deinit(struct smtp_client *client);
/* All of these: false, and `failure` says why. */
bool smtp_client_connect(struct smtp_client *client, struct ip_endpoint endpoint);
bool smtp_client_start_tls(struct smtp_client *client, struct tls_context *context,
                           struct slice server_name);
bool smtp_client_read_reply(struct smtp_client *client);
/* Sends a line and reads the reply. `shown` stands in the transcript instead, when given. */
bool smtp_client_command(struct smtp_client *client, struct slice line, const char *shown);
bool smtp_client_send(struct smtp_client *client, struct slice bytes);
/* Whether the last reply (to EHLO) has a line that begins with this word; its arguments behind it.
 */
bool smtp_client_offers(const struct smtp_client *client, struct slice word,
                        struct slice *out_arguments);
/* One line of a reply without its CRLF: its code, whether more follow, and its text. */
bool smtp_reply_line_parse(struct slice line, unsigned *out_code, bool *out_more,
                           struct slice *out_text);

#endif
