/* SPDX-License-Identifier: Apache-2.0 */
/* sink - the server at the end of a relay: takes every message and forgets it.
 *
 *     sink PORT     listens on 127.0.0.1; whenever the number of messages has changed, at most
 * fifty times a second, a line on standard output: NUMBER SECONDS (monotonic clock)
 *
 * It shares no code with the server that is measured, and understands no more SMTP than it has to.
 * Replies to commands that came together leave together, as those of any server do that takes
 * PIPELINING seriously: one by one, each would wait for the delayed acknowledgement of the one
 * before, and the clock would be all that is measured.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, REPLIES_MAX_BYTES = 4096, EVENTS = 64, TURN_MS = 20, PIECE = 65536 };

struct connection {
    int fd;
    bool in_data;
    size_t len; /* of the line under way, cut at its ceiling */
    size_t replies_len;
    char line[LINE_MAX_BYTES];
    char replies[REPLIES_MAX_BYTES]; /* to what came in one piece: they leave together */
};

static unsigned long messages;

static bool flush(struct connection *connection)
{
    size_t len = connection->replies_len;
    connection->replies_len = 0;
    return !len || send(connection->fd, connection->replies, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool say(struct connection *connection, const char *reply)
{
    size_t len = strlen(reply);
    bool good = connection->replies_len + len <= REPLIES_MAX_BYTES || flush(connection);
    memcpy(connection->replies + connection->replies_len, reply, len);
    connection->replies_len += len;
    return good;
}

static bool is(const struct connection *connection, const char *verb)
{
    return connection->len >= 4 && strncasecmp(connection->line, verb, 4) == 0;
}

static bool answer(struct connection *connection)
{
    if (is(connection, "EHLO"))
        return say(connection, "250-sink.invalid\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
    if (is(connection, "QUIT"))
        return say(connection, "221 2.0.0 bye\r\n") && false;
    connection->in_data = is(connection, "DATA");
    return say(connection, connection->in_data ? "354 go on\r\n" : "250 2.0.0 ok\r\n");
}

/* A whole line, without its LF. */
static bool take_line(struct connection *connection)
{
    if (!connection->in_data)
        return answer(connection);
    if (connection->len != 2 || connection->line[0] != '.')
        return true;
    connection->in_data = false;
    messages++;
    return say(connection, "250 2.0.0 taken\r\n");
}

static bool take(struct connection *connection, const char *bytes, size_t len)
{
    bool good = true;
    for (size_t i = 0; good && i < len; i++) {
        if (bytes[i] != '\n') {
            if (connection->len < LINE_MAX_BYTES)
                connection->line[connection->len++] = bytes[i];
            continue;
        }
        good = take_line(connection);
        connection->len = 0;
    }
    return good;
}

static void serve(struct connection *connection)
{
    char piece[PIECE];
    ssize_t got = recv(connection->fd, piece, sizeof piece, MSG_DONTWAIT);
    bool alive = got > 0 ? take(connection, piece, (size_t)got)
                         : got < 0 && (errno == EAGAIN || errno == EINTR);
    if (flush(connection) && alive)
        return;
    close(connection->fd);
    free(connection);
}

static void welcome(int epoll, int listener)
{
    int fd = accept(listener, NULL, NULL);
    struct connection *connection = fd >= 0 ? calloc(1, sizeof *connection) : NULL;
    if (!connection) {
        if (fd >= 0)
            close(fd);
        return;
    }
    connection->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    say(connection, "220 sink.invalid ESMTP\r\n");
    flush(connection);
}

static int listen_at(unsigned port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 512) < 0)
        return -1;
    return listener;
}

static void report(void)
{
    static unsigned long told;
    struct timespec now;
    if (told == messages)
        return;
    told = messages;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lu %.6f\n", messages, (double)now.tv_sec + (double)now.tv_nsec / 1e9);
    fflush(stdout);
}

int main(int count, char **words)
{
    int listener = count == 2 ? listen_at((unsigned)strtoul(words[1], NULL, 10)) : -1;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (listener < 0 || epoll < 0) {
        perror("sink");
        return 1;
    }
    struct epoll_event accepting = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &accepting);
    double next = 0;
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, TURN_MS);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr)
                serve(events[i].data.ptr);
            else
                welcome(epoll, listener);
        }
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        double seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
        if (seconds >= next) {
            report();
            next = seconds + TURN_MS / 1000.0;
        }
    }
}
