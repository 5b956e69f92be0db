/* SPDX-License-Identifier: Apache-2.0 */
/* smtp_client - a mail client's side of one SMTP session, with blocking calls and deadlines.
 *
 * A reply that is none (smtp/client_reply) ends the session. Every wait has a limit. What is said
 * is kept as a transcript, secrets left out.
 */
#ifndef PROGRAMS_POSTERN_SMTP_CLIENT_H
#define PROGRAMS_POSTERN_SMTP_CLIENT_H

#include "base/ip.h"
#include "base/text.h"
#include "smtp/client_reply.h"
#include "tls/context.h"
#include "tls/engine.h"

enum { SMTP_LINE_MAX = CLIENT_REPLY_LINE_MAX, SMTP_WAIT_MS = 30000 };

struct smtp_client {
    int fd;
    struct tls_engine *tls;    /* NULL: in clear */
    struct text input;         /* received and not yet a line */
    struct client_reply reply; /* the last one */
    struct text transcript;    /* "C: ..." and "S: ..." */
    struct text failure;       /* why the session is over */
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

#endif
