/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { RETRY_AFTER_US = 100000, FAILURES_IN_A_ROW = 600, HEADER_LINE = 76 };

static void greeted(struct client *c);
static void said_hello(struct client *c);
static void may_start_tls(struct client *c);
static void logged_in(struct client *c);
static void sender_taken(struct client *c);
static void recipient_taken(struct client *c);
static void may_send_content(struct client *c);
static void acknowledged(struct client *c);
static void said_goodbye(struct client *c);

/* clang-format off */
static const struct step {
    const char *name;
    const char *code;                  /* the only good reply */
    void (*proceed)(struct client *c); /* once it has come */
} steps[] = {
    [CLIENT_IDLE]      = {"connect",   NULL,  NULL},
    [CLIENT_HANDSHAKE] = {"handshake", NULL,  NULL},
    [CLIENT_GREETING]  = {"greeting",  "220", greeted},
    [CLIENT_HELLO]     = {"EHLO",      "250", said_hello},
    [CLIENT_STARTTLS]  = {"STARTTLS",  "220", may_start_tls},
    [CLIENT_LOGIN]     = {"AUTH",      "235", logged_in},
    [CLIENT_MAIL]      = {"MAIL",      "250", sender_taken},
    [CLIENT_RECIPIENT] = {"RCPT",      "250", recipient_taken},
    [CLIENT_DATA]      = {"DATA",      "354", may_send_content},
    [CLIENT_CONTENT]   = {"content",   "250", acknowledged},
    [CLIENT_QUIT]      = {"QUIT",      "221", said_goodbye},
    [CLIENT_HELD]      = {"held",      NULL,  NULL},
    [CLIENT_ENDED]     = {"ended",     NULL,  NULL},
};
/* clang-format on */

bool run_prepare(struct run *run)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    static const char end[] = "\r\n.\r\n";
    size_t size = run->plan->size_bytes, tail = sizeof end - 1;
    unsigned state = 20260101;
    run->content = malloc(size + tail);
    if (!run->content)
        return false;
    for (size_t i = 0; i < size; i++) {
        size_t column = (size - i) % HEADER_LINE;
        state = state * 1103515245u + 12345u;
        run->content[i] = column == 1 ? '\r' : column == 0 ? '\n' : letters[(state >> 16) & 63];
    }
    memcpy(run->content + size - 2, end, tail);
    run->content_bytes = size - 2 + tail;
    return true;
}

void client_init(struct client *c, struct run *run, unsigned number)
{
    memset(c, 0, sizeof *c);
    c->run = run;
    c->number = number;
    c->link = (struct link){.fd = -1, .epoll_fd = run->epoll_fd, .owner = c};
}

bool client_is_busy(const struct client *c)
{
    return c->step != CLIENT_IDLE && c->step != CLIENT_HELD && c->step != CLIENT_ENDED;
}

/* After a failure the slot rests a moment and tries again, or it has ended. */
static void give_up(struct client *c, const char *what)
{
    struct run *run = c->run;
    tally_failure(run->tally, steps[c->step].name, what);
    run->tally->failed++;
    run->given_out -= c->step >= CLIENT_MAIL && c->step <= CLIENT_CONTENT;
    run->tally->held -= c->step == CLIENT_HELD;
    link_close(&c->link);
    c->step = run->plan->reconnect && ++c->failures_in_a_row < FAILURES_IN_A_ROW ? CLIENT_IDLE
                                                                                 : CLIENT_ENDED;
    c->deadline_us = tally_clock_us() + RETRY_AFTER_US;
}

/* No answer: the message under way may have been stored or not. */
static void fail(struct client *c, const char *what)
{
    c->run->tally->unanswered += c->step == CLIENT_CONTENT;
    give_up(c, what);
}

static void enter(struct client *c, enum client_step step)
{
    c->step = step;
    c->deadline_us = tally_clock_us() + (uint64_t)(c->run->plan->timeout_seconds * 1e6);
}

static void say(struct client *c, enum client_step step, int length, struct link_piece content)
{
    enter(c, step);
    if (length < 0 || length >= CLIENT_COMMANDS) {
        fail(c, "command too long");
        return;
    }
    link_give(&c->link, (struct link_piece){c->commands, (size_t)length}, content);
    if (link_send(&c->link) == LINK_LOST)
        fail(c, c->link.why);
}

#define SAY(client, step, ...)                                                                     \
    say((client), (step), snprintf((client)->commands, CLIENT_COMMANDS, __VA_ARGS__),              \
        (struct link_piece){NULL, 0})

void client_open(struct client *c)
{
    c->sent = 0;
    c->line_len = 0;
    c->logged_in = false;
    c->opened_us = tally_clock_us();
    c->run->tally->opened++;
    c->step = CLIENT_IDLE;
    if (link_open(&c->link, c->run->plan) == LINK_LOST)
        fail(c, c->link.why);
    else
        enter(c, c->run->plan->security == PLAN_IMPLICIT ? CLIENT_HANDSHAKE : CLIENT_GREETING);
}

static void greeted(struct client *c)
{
    c->offers_tls = c->offers_pipelining = false;
    SAY(c, CLIENT_HELLO, "EHLO load.invalid\r\n");
}

static void shake_hands(struct client *c)
{
    char thumbprint[41];
    enum link_progress progress =
        c->link.tls ? link_handshake(&c->link) : link_begin_tls(&c->link, c->run->tls);
    if (progress == LINK_LOST)
        fail(c, c->link.why);
    if (progress != LINK_DONE)
        return;
    link_thumbprint(&c->link, thumbprint);
    tally_handshake(c->run->tally, thumbprint);
    if (c->run->plan->security == PLAN_STARTTLS)
        greeted(c);
    else
        enter(c, CLIENT_GREETING);
}

static void may_start_tls(struct client *c)
{
    enter(c, CLIENT_HANDSHAKE); /* text behind the 220 finds a step that awaits none, and fails */
    shake_hands(c);
}

static void log_in(struct client *c)
{
    char secret[512], coded[700];
    const struct plan *plan = c->run->plan;
    int len = snprintf(secret, sizeof secret, "%c%s%c%s", 0, plan->user, 0, plan->password);
    if (len < 0 || len >= (int)sizeof secret) {
        fail(c, "login too long");
        return;
    }
    EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)secret, len);
    SAY(c, CLIENT_LOGIN, "AUTH PLAIN %s\r\n", coded);
}

static void begin_message(struct client *c)
{
    const struct plan *plan = c->run->plan;
    c->message_us = tally_clock_us();
    c->run->given_out++;
    snprintf(c->id, sizeof c->id, "%08x-%u-%u", c->run->id, c->number, c->serial++);
    if (plan->pipelining)
        SAY(c, CLIENT_MAIL, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", plan->from, plan->to);
    else
        SAY(c, CLIENT_MAIL, "MAIL FROM:<%s>\r\n", plan->from);
}

static bool has_more_to_send(const struct client *c)
{
    const struct run *run = c->run;
    unsigned total = run->plan->total_messages;
    return !run->stopping && c->sent < run->plan->messages && (!total || run->given_out < total);
}

/* Nothing is under way on this connection. */
static void choose(struct client *c)
{
    if (c->run->plan->idle) {
        c->step = CLIENT_HELD;
        c->run->tally->held++;
    } else if (has_more_to_send(c)) {
        begin_message(c);
    } else {
        SAY(c, CLIENT_QUIT, "QUIT\r\n");
    }
}

static void said_hello(struct client *c)
{
    const struct plan *plan = c->run->plan;
    if (plan->security == PLAN_STARTTLS && !c->link.tls && !c->offers_tls)
        fail(c, "STARTTLS is not offered");
    else if (plan->security == PLAN_STARTTLS && !c->link.tls)
        SAY(c, CLIENT_STARTTLS, "STARTTLS\r\n");
    else if (plan->pipelining && !c->offers_pipelining)
        fail(c, "PIPELINING is not offered");
    else if (plan->user && !c->logged_in)
        log_in(c);
    else
        choose(c);
}

static void logged_in(struct client *c)
{
    c->logged_in = true;
    choose(c);
}

static void sender_taken(struct client *c)
{
    if (c->run->plan->pipelining)
        enter(c, CLIENT_RECIPIENT);
    else
        SAY(c, CLIENT_RECIPIENT, "RCPT TO:<%s>\r\n", c->run->plan->to);
}

static void recipient_taken(struct client *c)
{
    if (c->run->plan->pipelining)
        enter(c, CLIENT_DATA);
    else
        SAY(c, CLIENT_DATA, "DATA\r\n");
}

/* A header with the id, then as many lines of the common text as make up the planned size. */
static void may_send_content(struct client *c)
{
    const struct run *run = c->run;
    int header = snprintf(c->commands, CLIENT_COMMANDS,
                          "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\n"
                          "Message-ID: <%s@load.invalid>\r\n"
                          "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n\r\n",
                          run->plan->from, run->plan->to, c->id, c->id);
    size_t left = header >= 0 && (size_t)header + 5 < run->plan->size_bytes
                      ? run->content_bytes - (size_t)header
                      : 5;
    const char *text = run->content + run->content_bytes - left;
    if (*text == '\n') { /* never a bare line feed */
        text++;
        left--;
    }
    say(c, CLIENT_CONTENT, header, (struct link_piece){text, left});
}

static void acknowledged(struct client *c)
{
    tally_message(c->run->tally, c->message_us, c->id);
    c->sent++;
    c->failures_in_a_row = 0;
    choose(c);
}

static void said_goodbye(struct client *c)
{
    tally_session(c->run->tally, c->opened_us, c->run->plan->messages == 0);
    link_close(&c->link);
    c->failures_in_a_row = 0;
    c->step = CLIENT_IDLE;
    c->deadline_us = 0;
}

static void note_capability(struct client *c)
{
    const char *keyword = c->line + 4;
    c->offers_tls |= strcmp(keyword, "STARTTLS") == 0;
    c->offers_pipelining |= strcmp(keyword, "PIPELINING") == 0;
}

/* One line of a reply, without its end. */
static void take_line(struct client *c)
{
    const struct step *step = &steps[c->step];
    size_t len = c->line_len;
    c->line[len] = '\0';
    c->line_len = 0;
    if (!step->code)
        fail(c, "the server speaks unasked");
    else if (strncmp(c->line, step->code, 3) != 0 || (len > 3 && !strchr(" -", c->line[3])))
        give_up(c, c->line);
    else if (len > 4 && c->step == CLIENT_HELLO)
        note_capability(c);
    if (step == &steps[c->step] && step->proceed && (len == 3 || c->line[3] == ' '))
        step->proceed(c);
}

static void take_bytes(struct client *c, const char *at, size_t len)
{
    for (size_t i = 0; i < len && client_is_busy(c); i++) {
        if (at[i] == '\n') {
            c->line_len -= c->line_len > 0 && c->line[c->line_len - 1] == '\r';
            take_line(c);
        } else if (c->line_len + 1 < sizeof c->line) {
            c->line[c->line_len++] = at[i];
        } else {
            fail(c, "reply line too long");
        }
    }
}

static void read_replies(struct client *c)
{
    static char buffer[16384];
    for (int got; c->link.fd >= 0 && c->step != CLIENT_HANDSHAKE;) {
        got = link_receive(&c->link, buffer, sizeof buffer);
        if (got < 0)
            fail(c, c->link.why);
        if (got <= 0)
            return;
        take_bytes(c, buffer, (size_t)got);
        if (!c->link.tls)
            return; /* more would have been read, or epoll tells */
    }
}

void client_event(struct client *c, uint32_t events)
{
    if (c->link.fd < 0)
        return;
    if (c->step == CLIENT_HANDSHAKE)
        shake_hands(c);
    else if ((events & EPOLLOUT) && link_send(&c->link) == LINK_LOST)
        fail(c, c->link.why);
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        read_replies(c);
}

void client_check_deadline(struct client *c, uint64_t now_us)
{
    if (client_is_busy(c) && now_us > c->deadline_us)
        fail(c, "no answer in time");
}

void client_hang_up(struct client *c)
{
    if (c->step != CLIENT_HELD)
        return;
    link_close(&c->link);
    c->step = CLIENT_ENDED;
}
