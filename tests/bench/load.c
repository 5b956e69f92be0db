/* SPDX-License-Identifier: Apache-2.0 */
/* load - the load generator: many SMTP clients in one thread, one line of JSON as the result.
 *
 * Three kinds of run: messages (-m), connections only (-m 0, paced by --connect-rate if given),
 * and --idle, which opens connections and keeps them. A run has a warm-up, a measured time, and an
 * end it cannot miss: each reply has a deadline, and so has the run. Exit status 0 when nothing
 * went wrong, 1 when the counts tell of errors, 2 for wrong options.
 */
#include "client.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EVENTS = 256, OPEN_AT_ONCE = 64, TURN_MS = 20, SIZE_MIN = 64, SIZE_MAX_BYTES = 1 << 30 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

enum option_kind { OPTION_COUNT, OPTION_REAL, OPTION_TEXT, OPTION_FLAG };

struct option_row {
    const char *name;
    enum option_kind kind;
    size_t offset;
    double min, max;
    const char *help;
};

#define ROW(name, kind, member, min, max, help)                                                    \
    {                                                                                              \
        (name), (kind), offsetof(struct plan, member), (min), (max), (help)                        \
    }

/* clang-format off */
static const struct option_row option_rows[] = {
    ROW("-a", OPTION_TEXT,  address,          0, 0,         "ADDRESS    of the server, IPv4 (127.0.0.1)"),
    ROW("-p", OPTION_COUNT, port,             1, 65535,     "PORT       of the server"),
    ROW("-c", OPTION_COUNT, connections,      1, 20000,     "COUNT      connections at the same time (20)"),
    ROW("-m", OPTION_COUNT, messages,         0, 1000000,   "COUNT      messages per connection (1); 0: none, only greeting, EHLO, QUIT"),
    ROW("-n", OPTION_COUNT, total_messages,   1, 1e9,       "COUNT      stop after so many messages"),
    ROW("-s", OPTION_COUNT, size_bytes,       SIZE_MIN, SIZE_MAX_BYTES, "BYTES      of a message (4096)"),
    ROW("-d", OPTION_REAL,  seconds,          0.01, 86400,  "SECONDS    measured (5)"),
    ROW("-w", OPTION_REAL,  warmup_seconds,   0, 3600,      "SECONDS    of warm-up before that (0)"),
    ROW("-t", OPTION_REAL,  timeout_seconds,  0.1, 3600,    "SECONDS    to wait for one reply (30)"),
    ROW("--pipelining",   OPTION_FLAG, pipelining,   0, 0,   "           MAIL, RCPT and DATA in one write"),
    ROW("--starttls",     OPTION_FLAG, security,     0, 0,   "           upgrade each connection"),
    ROW("--implicit",     OPTION_FLAG, security,     0, 0,   "           TLS from the first byte"),
    ROW("--tls",          OPTION_TEXT, tls_version,  0, 0,   "VERSION    1.2 or 1.3 only"),
    ROW("--user",         OPTION_TEXT, user,         0, 0,   "NAME       AUTH PLAIN"),
    ROW("--password",     OPTION_TEXT, password,     0, 0,   "PASSWORD   of the user"),
    ROW("--from",         OPTION_TEXT, from,         0, 0,   "ADDRESS    sender (load@bench.invalid)"),
    ROW("--to",           OPTION_TEXT, to,           0, 0,   "ADDRESS    recipient (sink@bench.invalid)"),
    ROW("--log",          OPTION_TEXT, log_path,     0, 0,   "FILE       the id (Subject, Message-ID) of each acknowledged message"),
    ROW("--reconnect",    OPTION_FLAG, reconnect,    0, 0,   "           try again after a failure, 600 times in a row at most"),
    ROW("--idle",         OPTION_COUNT, connections, 1, 20000, "COUNT      open so many connections and keep them for -d seconds"),
    ROW("--connect-rate", OPTION_REAL, connect_rate, 0.1, 100000, "RATE       new connections per second, -c open at most"),
    ROW("--marks",        OPTION_FLAG, marks,        0, 0,   "           print \"warm\" and \"held\" when it is so"),
};
/* clang-format on */

static int usage(void)
{
    fputs("usage: load -p PORT [option ...]\n", stderr);
    for (size_t i = 0; i < sizeof option_rows / sizeof option_rows[0]; i++)
        fprintf(stderr, "  %-15s%s\n", option_rows[i].name, option_rows[i].help);
    return 2;
}

static bool set_flag(struct plan *plan, const struct option_row *row)
{
    if (strcmp(row->name, "--starttls") == 0)
        plan->security = PLAN_STARTTLS;
    else if (strcmp(row->name, "--implicit") == 0)
        plan->security = PLAN_IMPLICIT;
    else
        *(bool *)((char *)plan + row->offset) = true;
    return true;
}

static bool set_value(struct plan *plan, const struct option_row *row, const char *text)
{
    char *field = (char *)plan + row->offset, *end = NULL;
    if (row->kind == OPTION_TEXT) {
        memcpy(field, &text, sizeof text);
        return true;
    }
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= row->min && value <= row->max))
        return false;
    if (row->kind == OPTION_REAL)
        memcpy(field, &value, sizeof value);
    else
        memcpy(field, &(unsigned){(unsigned)value}, sizeof(unsigned));
    plan->idle |= strcmp(row->name, "--idle") == 0;
    return true;
}

static bool read_options(struct plan *plan, int count, char **words)
{
    for (int i = 1; i < count; i++) {
        const struct option_row *row = NULL;
        for (size_t k = 0; k < sizeof option_rows / sizeof option_rows[0] && !row; k++)
            if (strcmp(words[i], option_rows[k].name) == 0)
                row = &option_rows[k];
        bool flag = row && row->kind == OPTION_FLAG;
        if (!row || (!flag && i + 1 == count))
            return false;
        if (!(flag ? set_flag(plan, row) : set_value(plan, row, words[++i])))
            return false;
    }
    return plan->port != 0 && !plan->user == !plan->password;
}

/* Each connection is a descriptor; an ordinary shell allows 1024. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool has_work(const struct run *run)
{
    unsigned total = run->plan->total_messages;
    return !run->stopping && (!total || run->given_out < total);
}

/* How many connections the pace of --connect-rate allows now. */
static unsigned due_now(const struct run *run, uint64_t now_us)
{
    double rate = run->plan->connect_rate;
    if (rate <= 0)
        return OPEN_AT_ONCE;
    double due = rate * (double)(now_us - run->tally->began_us) / 1e6;
    uint64_t begun = run->tally->opened + run->tally->skipped;
    return due > (double)begun ? (unsigned)(due - (double)begun) : 0;
}

/* Opens what may be opened; returns how many slots are in use or will be. */
static unsigned open_clients(struct run *run, struct client *clients, uint64_t now_us)
{
    unsigned due = due_now(run, now_us), busy = 0, alive = 0;
    for (unsigned i = 0; i < run->plan->connections; i++)
        busy += client_is_busy(&clients[i]);
    for (unsigned i = 0; i < run->plan->connections; i++) {
        struct client *c = &clients[i];
        bool rests = c->step == CLIENT_IDLE;
        alive += client_is_busy(c) || (rests && has_work(run));
        if (!rests || due == 0 || now_us < c->deadline_us || !has_work(run) ||
            (run->plan->idle && busy >= OPEN_AT_ONCE))
            continue;
        client_open(c);
        busy++;
        due--;
    }
    if (run->plan->connect_rate > 0 && has_work(run))
        run->tally->skipped += due;
    return alive;
}

static void mark(const struct run *run, const char *word)
{
    if (run->plan->marks && puts(word) >= 0)
        fflush(stdout);
}

static void start_measuring(struct run *run, uint64_t now_us)
{
    struct tally *t = run->tally;
    t->measured_from_us = now_us;
    t->measured_until_us = now_us + (uint64_t)(run->plan->seconds * 1e6);
    t->messages_before = t->messages_all;
    t->sessions_before = t->sessions_all;
}

/* Waits for sockets, at most until the next moment something is due. */
static void turn(struct run *run)
{
    struct epoll_event events[EVENTS];
    int timeout_ms = run->plan->connect_rate > 50 ? 1 : TURN_MS;
    int count = epoll_wait(run->epoll_fd, events, EVENTS, timeout_ms);
    for (int i = 0; i < count; i++)
        client_event(events[i].data.ptr, events[i].events);
}

static void drive(struct run *run, struct client *clients, double *self_cpu)
{
    const struct plan *plan = run->plan;
    struct tally *t = run->tally;
    bool measuring = false;
    uint64_t warm_us = t->began_us + (uint64_t)(plan->warmup_seconds * 1e6), checked_us = 0;
    uint64_t grace_us = (uint64_t)(plan->timeout_seconds * 1e6) + 1000000;
    for (;;) {
        uint64_t now_us = tally_clock_us();
        unsigned alive = open_clients(run, clients, now_us);
        bool ready =
            plan->idle ? alive == 0 || now_us - t->began_us > 4 * grace_us : now_us >= warm_us;
        if (!measuring && ready) {
            measuring = true;
            *self_cpu = tally_self_cpu_seconds();
            start_measuring(run, now_us);
            mark(run, plan->idle ? "held" : "warm");
        }
        if (interrupted || (measuring && now_us >= t->measured_until_us))
            run->stopping = true;
        if (alive == 0 && (run->stopping || !plan->idle))
            return;
        if (measuring && now_us >= t->measured_until_us + grace_us)
            return;
        for (unsigned i = 0; i < plan->connections && now_us > checked_us + 100000; i++)
            client_check_deadline(&clients[i], now_us);
        checked_us = now_us > checked_us + 100000 ? now_us : checked_us;
        turn(run);
    }
}

static int run_plan(const struct plan *plan, struct tally *tally)
{
    struct run run = {.plan = plan, .tally = tally, .epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    struct client *clients = calloc(plan->connections, sizeof *clients);
    double self_cpu = 0;
    run.tls = link_tls_context(plan);
    run.id = (unsigned)tally_clock_us() ^ ((unsigned)getpid() << 20);
    tally->log = plan->log_path ? fopen(plan->log_path, "ae") : NULL;
    if (run.epoll_fd < 0 || !clients || !run.tls || !run_prepare(&run) ||
        (plan->log_path && !tally->log)) {
        fputs("load: cannot start: no memory, no descriptors, or no log file\n", stderr);
        return 2;
    }
    if (tally->log)
        setvbuf(tally->log, NULL, _IOLBF, 0); /* what is acknowledged is on record at once */
    for (unsigned i = 0; i < plan->connections; i++)
        client_init(&clients[i], &run, i);
    tally->began_us = tally_clock_us();
    tally->measured_from_us = tally->measured_until_us = UINT64_MAX;
    drive(&run, clients, &self_cpu);
    tally_print(tally, plan, tally_self_cpu_seconds() - self_cpu);
    for (unsigned i = 0; i < plan->connections; i++)
        client_hang_up(&clients[i]);
    if (tally->log && fclose(tally->log) != 0)
        return 2;
    free(run.content);
    free(clients);
    SSL_CTX_free(run.tls);
    close(run.epoll_fd);
    return tally->errors || tally->failed ? 1 : 0;
}

int main(int count, char **words)
{
    static struct tally tally;
    struct plan plan = {.address = "127.0.0.1",
                        .connections = 20,
                        .messages = 1,
                        .size_bytes = 4096,
                        .seconds = 5,
                        .timeout_seconds = 30,
                        .from = "load@bench.invalid",
                        .to = "sink@bench.invalid"};
    struct sigaction action = {.sa_handler = on_signal};
    if (!read_options(&plan, count, words))
        return usage();
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    return run_plan(&plan, &tally);
}
