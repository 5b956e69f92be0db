/* SPDX-License-Identifier: Apache-2.0 */
/* client - one SMTP client after another in one slot: connects, sends its messages, says QUIT.
 *
 * Each reply must carry the one code its step expects; anything else is an error, ends the
 * connection and is counted. A client never sleeps and never waits without a deadline; the loop
 * in load.c tells it about readable sockets and the time.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "link.h"
#include "plan.h"
#include "tally.h"

enum client_step {
    CLIENT_IDLE, /* no connection */
    CLIENT_HANDSHAKE,
    CLIENT_GREETING,
    CLIENT_HELLO,
    CLIENT_STARTTLS,
    CLIENT_LOGIN,
    CLIENT_MAIL,
    CLIENT_RECIPIENT,
    CLIENT_DATA,
    CLIENT_CONTENT,
    CLIENT_QUIT,
    CLIENT_HELD,  /* --idle: open, and nothing to say */
    CLIENT_ENDED, /* failed and not to be tried again */
};

/* What all clients share. */
struct run {
    const struct plan *plan;
    struct tally *tally;
    SSL_CTX *tls;
    int epoll_fd;
    unsigned id;   /* makes message ids of different runs differ */
    bool stopping; /* finish the message at hand, then QUIT */
    char *content; /* lines of text with "CRLF . CRLF" at their end */
    size_t content_bytes;
    unsigned given_out; /* messages begun, for --total */
};

enum { CLIENT_LINE = 1024, CLIENT_COMMANDS = 2048, CLIENT_ID = 40 };

struct client {
    struct run *run;
    struct link link;
    enum client_step step;
    unsigned number; /* of this slot */
    unsigned sent;   /* messages on this connection */
    unsigned serial; /* messages of this slot */
    unsigned failures_in_a_row;
    bool offers_tls;
    bool offers_pipelining;
    bool logged_in;
    uint64_t opened_us;
    uint64_t message_us;
    uint64_t deadline_us; /* of the step; in CLIENT_IDLE: not before */
    char id[CLIENT_ID];
    char commands[CLIENT_COMMANDS];
    char line[CLIENT_LINE];
    size_t line_len;
};

/* Allocates run->content for messages of the planned size. False without memory. */
bool run_prepare(struct run *run);

void client_init(struct client *client, struct run *run, unsigned number);
void client_open(struct client *client);
void client_event(struct client *client, uint32_t events);
void client_check_deadline(struct client *client, uint64_t now_us);
void client_hang_up(struct client *client); /* --idle is over */
bool client_is_busy(const struct client *client);

#endif
