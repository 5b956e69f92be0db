/* SPDX-License-Identifier: Apache-2.0 */
#include "os/process.h"

#include "os/descriptor.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become(char *const arguments[], int fd, int as_fd, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool orphaned = getppid() != parent;
    bool placed = fd == as_fd ? fd_set_inherited(fd, true) == 0 : dup2(fd, as_fd) == as_fd;
    if (!orphaned && placed)
        execv("/proc/self/exe", arguments);
    _exit(127);
}

int process_spawn_self(char *const arguments[], int fd, int as_fd, pid_t *out_pid)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        become(arguments, fd, as_fd, parent);
    *out_pid = pid;
    return 0;
}

pid_t process_reap(int *out_status)
{
    pid_t pid = waitpid(-1, out_status, WNOHANG);
    return pid < 0 ? -errno : pid;
}

unsigned process_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

void service_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    CLEANUP(close_fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, len);
}
