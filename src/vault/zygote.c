/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/zygote.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"
#include "tls/import.h"
#include "tls/seal.h"
#include "vault/import_result.h"
#include "vault/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_FILES = 64 };

struct request {
    struct import_request import; /* in the storage */
    char *storage;
    size_t size;
};

/* --- the child --- */

static bool limit(int what, rlim_t value)
{
    const struct rlimit both = {value, value};
    return setrlimit((unsigned)what, &both) == 0;
}

static bool limit_child(void)
{
    bool good = limit(RLIMIT_CPU, ZYGOTE_CHILD_SECONDS) && limit(RLIMIT_NOFILE, CHILD_FILES);
#if !defined(__SANITIZE_ADDRESS__) /* its shadow alone is larger */
    good = good && limit(RLIMIT_AS, ZYGOTE_CHILD_MEMORY);
#endif
    struct sandbox_rules rules = {.name = "vault-import"};
    struct sandbox_state state;
    return good && sandbox_enter(&rules, &state) == 0;
}

static _Noreturn void child_main(const struct request *request, const struct trust_store *trust,
                                 int out_fd)
{
    struct text result = text_with_ceiling(IMPORT_RESULT_MAX);
    int status = 1;
    if (limit_child() && import_result_of_file(&request->import, trust, clock_wall_ms(), &result))
        status = fd_write_all(out_fd, text_slice(&result)) < 0;
    _exit(status);
}

/* --- the zygote --- */

static bool read_all(int fd, char *at, size_t len)
{
    while (len) {
        ssize_t got = read(fd, at, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

static bool request_read(int fd, struct request *out)
{
    uint32_t lengths[ZYGOTE_PARTS];
    if (!read_all(fd, (char *)lengths, sizeof lengths) || lengths[0] > IMPORT_MAX_BYTES ||
        lengths[1] > IMPORT_PASSWORD_MAX || lengths[2] > ZYGOTE_KNOWN_MAX)
        return false;
    out->size = (size_t)lengths[0] + lengths[1] + lengths[2];
    out->storage = malloc(out->size + 1);
    if (!out->storage || !read_all(fd, out->storage, out->size))
        return false;
    out->import.file = (struct slice){out->storage, lengths[0]};
    out->import.password = (struct slice){out->storage + lengths[0], lengths[1]};
    out->import.known = (struct slice){out->storage + lengths[0] + lengths[1], lengths[2]};
    return true;
}

static void request_wipe(struct request *request)
{
    secret_wipe((struct slice){request->storage, request->size});
    free(request->storage);
    *request = (struct request){0};
}

/* What the child writes, until it closes, writes too much or its time is over. */
static bool collect(int fd, struct text *result)
{
    uint64_t deadline = clock_monotonic_ms() + ZYGOTE_CHILD_SECONDS * 1000;
    for (;;) {
        uint64_t now = clock_monotonic_ms();
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        int ready = now < deadline ? poll(&waiting, 1, (int)(deadline - now)) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        char piece[4096];
        ssize_t got = ready > 0 ? read(fd, piece, sizeof piece) : -1;
        bool good = got > 0 && text_append(result, (struct slice){piece, (size_t)got});
        explicit_bzero(piece, sizeof piece);
        if (got == 0)
            return true;
        if (!good)
            return ready != 0; /* out of time; anything else shows in how the child ends */
    }
}

static enum zygote_fate fate_of(pid_t child, bool in_time)
{
    int status;
    if (!in_time)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return ZYGOTE_FAILED;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU))
        return ZYGOTE_LIMIT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ZYGOTE_FINISHED : ZYGOTE_FAILED;
}

static enum zygote_fate run_child(int socket_fd, struct request *request,
                                  const struct trust_store *trust, struct text *result)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return ZYGOTE_FAILED;
    pid_t child = fork();
    if (child == 0) {
        close(socket_fd);
        close(ends[0]);
        child_main(request, trust, ends[1]);
    }
    close_fd(&ends[1]);
    request_wipe(request);
    enum zygote_fate fate = ZYGOTE_FAILED;
    if (child > 0) {
        bool in_time = collect(ends[0], result);
        close_fd(&ends[0]); /* a child that still writes ends by SIGPIPE */
        fate = fate_of(child, in_time);
    }
    close_fd(&ends[0]);
    return fate;
}

static bool serve_one(int fd, const struct trust_store *trust)
{
    struct request request = {0};
    bool good = request_read(fd, &request);
    if (good) {
        struct text result = text_with_ceiling(IMPORT_RESULT_MAX);
        enum zygote_fate fate = run_child(fd, &request, trust, &result);
        struct slice bytes = fate == ZYGOTE_FINISHED ? text_slice(&result) : (struct slice){0};
        uint32_t head[2] = {(uint32_t)fate, (uint32_t)bytes.len};
        good =
            fd_write_all(fd, slice_bytes(head, sizeof head)) == 0 && fd_write_all(fd, bytes) == 0;
        seal_wipe(&result);
    }
    request_wipe(&request);
    return good;
}

static bool confine(const struct role_start *start)
{
    uid_t uid = role_uid(start->self);
    if (start->drop_privileges && privilege_drop(uid, uid) < 0)
        return false;
    struct sandbox_rules rules = {.name = "vault-zygote",
                                  .calls = SANDBOX_MESSAGES | SANDBOX_PROCESSES | SANDBOX_LIMITS};
    struct sandbox_state state;
    return sandbox_enter(&rules, &state) == 0;
}

/* Without roots files are read all the same; what they hold is Unknown or Untrusted. */
static bool open_trust(const struct role_start *start, struct trust_store *out)
{
    int result = trust_store_open(start->trust, out);
    if (result < 0)
        fprintf(stderr, "vault: the roots of --trust %s: %s\n", start->trust ? start->trust : "",
                result == -ENODATA ? "no certificate in PEM is there" : strerror(-result));
    return result != -ENOMEM;
}

static _Noreturn void zygote_main(const struct role_start *start, int fd)
{
    struct trust_store trust;
    signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group: only the supervisor acts on it */
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_NAME, "vault-zygote");
    if (!open_trust(start, &trust) || !confine(start)) {
        fprintf(stderr, "vault-zygote: no memory, or it cannot give up its rights\n");
        _exit(1);
    }
    while (serve_one(fd, &trust))
        continue;
    _exit(0);
}

int zygote_start(const struct role_start *start, int *out_fd)
{
    int ends[2];
    int result = socket_pair(false, ends);
    if (result < 0)
        return result;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (ends[1] != ROLE_SUPERVISOR_FD)
            close(ROLE_SUPERVISOR_FD);
        zygote_main(start, ends[1]);
    }
    result = pid < 0 ? -errno : 0;
    close_fd(&ends[1]);
    if (result < 0)
        close_fd(&ends[0]);
    else
        *out_fd = ends[0];
    return result;
}
