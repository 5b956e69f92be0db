/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/posternd/sandbox_report.h"

#include "os/descriptor.h"
#include "os/sandbox.h"
#include "wire/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_open(void)
{
    int fd = open("/etc/hostname", O_RDONLY);
    return fd < 0 ? -errno : 0;
}

static int try_create(void)
{
    int fd = open("/tmp/postern-sandbox-probe", O_WRONLY | O_CREAT, 0600);
    if (fd >= 0)
        unlink("/tmp/postern-sandbox-probe");
    return fd < 0 ? -errno : 0;
}

static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -errno : 0;
}

static int try_exec(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};
    return execv("/bin/true", arguments) < 0 ? -errno : 0;
}

static int try_trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? -errno : 0;
}

static const struct attempt {
    const char *name;
    int (*run)(void);
    unsigned needs; /* enum sandbox_calls: a role that has them may do it */
} attempts[] = {
    {"open a file", try_open, 0},
    {"create a file", try_create, 0},
    {"make a socket", try_socket, SANDBOX_SOCKETS},
    {"run a program", try_exec, 0},
    {"trace a process", try_trace, 0},
};

enum ending { ALLOWED, REFUSED, KILLED };
static const char *const ending_names[] = {"allowed", "refused", "SIGSYS"};

static _Noreturn void probe(enum wire_role role, int (*run)(void), int report_fd)
{
    CLEANUP(close_fd) int folder_fd = open("/var/empty", O_RDONLY | O_DIRECTORY);
    struct sandbox_folder folder = {.fd = folder_fd, .writable = true};
    struct sandbox_rules rules = {.name = wire_role_names[role],
                                  .calls = role_sandbox_calls(role),
                                  .folders = &folder,
                                  .folder_count = 1};
    struct sandbox_state state;
    if (sandbox_enter(&rules, &state) < 0)
        _exit(100);
    (void)!write(report_fd, &state, sizeof state);
    int result = run();
    _exit(result < 0 ? 1 : 0);
}

static enum ending attempt_in(enum wire_role role, int (*run)(void),
                              struct sandbox_state *out_state)
{
    int ends[2];
    if (pipe(ends) < 0)
        exit(EXIT_FAILURE);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        probe(role, run, ends[1]);
    close(ends[1]);
    if (pid < 0 || read(ends[0], out_state, sizeof *out_state) != sizeof *out_state)
        fprintf(stderr, "%s: the sandbox could not be entered\n", wire_role_names[role]);
    close(ends[0]);
    int status;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        return KILLED;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ALLOWED : REFUSED;
}

int sandbox_report(void)
{
    bool good = true;
    printf("%-14s %-9s %-9s", "role", "seccomp", "landlock");
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        printf("  %s", attempts[i].name);
    printf("\n");
    for (enum wire_role role = ROLE_EDGE; role <= ROLE_COURIER; role++) {
        struct sandbox_state state = {0};
        enum ending endings[COUNT_OF(attempts)];
        for (size_t i = 0; i < COUNT_OF(attempts); i++) {
            endings[i] = attempt_in(role, attempts[i].run, &state);
            bool may = role_sandbox_calls(role) & attempts[i].needs;
            good = good && (endings[i] == ALLOWED) == may;
        }
        char landlock[16];
        snprintf(landlock, sizeof landlock, state.landlock_abi ? "ABI %d" : "no",
                 state.landlock_abi);
        printf("%-14s %-9s %-9s", wire_role_names[role], state.seccomp ? "in force" : "NO",
               landlock);
        for (size_t i = 0; i < COUNT_OF(attempts); i++)
            printf("  %-*s", (int)strlen(attempts[i].name), ending_names[endings[i]]);
        printf("\n");
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
