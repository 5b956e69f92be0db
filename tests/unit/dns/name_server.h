/* SPDX-License-Identifier: Apache-2.0 */
/* name_server - tests/system/zone.py as a child, for the time of a group of tests. */
#ifndef TESTS_UNIT_DNS_NAME_SERVER_H
#define TESTS_UNIT_DNS_NAME_SERVER_H

#include "support/rows.h"

#include "base/ip.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct server {
    int fd;
    pid_t process;
    struct ip_endpoint endpoint;
    char anchor[512];
} server;

static inline int start_server(void **state)
{
    int ends[2];
    char port[16], whole[32];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    server.process = fork();
    if (server.process == 0) {
        dup2(ends[1], STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        execlp("python3", "python3", "-B", "tests/system/zone.py", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    server.fd = ends[0];
    FILE *said = fdopen(dup(server.fd), "r");
    assert_non_null(said);
    assert_non_null(fgets(port, sizeof port, said));
    assert_non_null(fgets(server.anchor, sizeof server.anchor, said));
    fclose(said);
    struct text text = text_over(whole, sizeof whole);
    text_append_c(&text, "127.0.0.1:");
    text_append(&text, slice_first(slice_of(port), slice_of(port).len - 1));
    assert_true(ip_endpoint_parse(text_slice(&text), &server.endpoint));
    return 0;
}

static inline int end_server(void **state)
{
    (void)state;
    shutdown(server.fd, SHUT_RDWR);
    close(server.fd);
    return waitpid(server.process, NULL, 0) == server.process ? 0 : -1;
}

#endif
