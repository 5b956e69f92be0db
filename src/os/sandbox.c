/* SPDX-License-Identifier: Apache-2.0 */
#include "os/sandbox.h"

#include "os/descriptor.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
static const int always[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(fcntl), SCMP_SYS(fstat),
    SCMP_SYS(lseek), SCMP_SYS(dup), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock), SCMP_SYS(futex), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(tgkill),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(rseq), SCMP_SYS(set_robust_list),
    SCMP_SYS(membarrier), SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(getegid), SCMP_SYS(getgid),
};
static const int messages[] = {
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(shutdown), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(eventfd2),
};
static const int accepting[] = { SCMP_SYS(accept4), SCMP_SYS(getsockname), SCMP_SYS(getpeername) };
static const int files[] = {
    SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(open), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getdents64), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
    SCMP_SYS(sync_file_range), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat), SCMP_SYS(fstatfs), SCMP_SYS(statfs), SCMP_SYS(flock), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd), SCMP_SYS(utimensat), SCMP_SYS(fchown), SCMP_SYS(copy_file_range), SCMP_SYS(sendfile), SCMP_SYS(umask),
};
static const int sockets[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(connect), SCMP_SYS(sendmmsg),
    SCMP_SYS(ioctl), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};
static const int processes[] = {
    SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(pipe2),
    SCMP_SYS(kill), SCMP_SYS(set_tid_address), SCMP_SYS(alarm), SCMP_SYS(setitimer),
};
static const int threads[] = {
    SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(set_tid_address), SCMP_SYS(sched_getaffinity), SCMP_SYS(prctl),
};
static const int memory_files[] = { SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(sendfile) };
static const int limits[] = {
    SCMP_SYS(prlimit64), SCMP_SYS(setrlimit), SCMP_SYS(prctl), SCMP_SYS(seccomp), SCMP_SYS(landlock_create_ruleset),
    SCMP_SYS(landlock_add_rule), SCMP_SYS(landlock_restrict_self),
};

/* What the sanitizers of a test build do behind the program's back; never part of a release. */
#if defined(__SANITIZE_ADDRESS__)
enum { sanitized = true };
static const int instrumented[] = {
    SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(readlink), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(prctl), SCMP_SYS(ptrace),
    SCMP_SYS(wait4), SCMP_SYS(getppid), SCMP_SYS(sched_getaffinity), SCMP_SYS(prlimit64), SCMP_SYS(pipe2), SCMP_SYS(getdents64), SCMP_SYS(ioctl),
    SCMP_SYS(clone), SCMP_SYS(process_vm_readv), SCMP_SYS(getcwd), SCMP_SYS(pipe),
};
#else
enum { sanitized = false };
static const int instrumented[1] = { SCMP_SYS(read) };
#endif

static const struct call_group {
    unsigned bit;
    const int *calls;
    size_t count;
} groups[] = {
    {SANDBOX_MESSAGES,     messages,     COUNT_OF(messages)},
    {SANDBOX_ACCEPT,       accepting,    COUNT_OF(accepting)},
    {SANDBOX_FILES,        files,        COUNT_OF(files)},
    {SANDBOX_SOCKETS,      sockets,      COUNT_OF(sockets)},
    {SANDBOX_PROCESSES,    processes,    COUNT_OF(processes)},
    {SANDBOX_THREADS,      threads,      COUNT_OF(threads)},
    {SANDBOX_MEMORY_FILES, memory_files, COUNT_OF(memory_files)},
    {SANDBOX_LIMITS,       limits,       COUNT_OF(limits)},
};
/* clang-format on */

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
        if (result < 0 && result != -EEXIST)
            return result;
    }
    return 0;
}

static int enter_seccomp(unsigned calls)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -ENOMEM;
    int result = allow(filter, always, COUNT_OF(always));
    if (result == 0)
        result = allow(filter, instrumented, COUNT_OF(instrumented));
    for (size_t i = 0; result == 0 && i < COUNT_OF(groups); i++)
        if (calls & groups[i].bit)
            result = allow(filter, groups[i].calls, groups[i].count);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

enum {
    READ_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITE_RIGHTS = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                   LANDLOCK_ACCESS_FS_MAKE_REG,
    HANDLED_FIRST = READ_RIGHTS | WRITE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE |
                    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                    LANDLOCK_ACCESS_FS_MAKE_SYM,
    RIGHT_REFER = 1 << 13,    /* since the second version of landlock */
    RIGHT_TRUNCATE = 1 << 14, /* since the third */
};

static unsigned later_rights(long abi)
{
    return (abi >= 2 ? RIGHT_REFER : 0u) | (abi >= 3 ? RIGHT_TRUNCATE : 0u);
}

static int allow_folder(int rule_set, const struct sandbox_folder *folder, long abi)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = READ_RIGHTS,
                                                 .parent_fd = folder->fd};
    if (folder->writable)
        beneath.allowed_access |= WRITE_RIGHTS | later_rights(abi);
    return syscall(SYS_landlock_add_rule, rule_set, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0
               ? -errno
               : 0;
}

static int enter_landlock(const struct sandbox_rules *rules, int *out_abi)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    *out_abi = abi < 0 ? 0 : (int)abi;
    if (abi < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
    struct landlock_ruleset_attr attributes = {.handled_access_fs =
                                                   HANDLED_FIRST | later_rights(abi)};
    CLEANUP(close_fd)
    int rule_set = (int)syscall(SYS_landlock_create_ruleset, &attributes,
                                sizeof attributes.handled_access_fs, 0);
    if (rule_set < 0)
        return -errno;
    for (size_t i = 0; i < rules->folder_count; i++) {
        int result = rules->folders[i].fd < 0 ? 0 : allow_folder(rule_set, &rules->folders[i], abi);
        if (result < 0)
            return result;
    }
    return syscall(SYS_landlock_restrict_self, rule_set, 0) < 0 ? -errno : 0;
}

int sandbox_enter(const struct sandbox_rules *rules, struct sandbox_state *out_state)
{
    *out_state = (struct sandbox_state){0};
    struct rlimit none = {0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
        return -errno;
    if (!sanitized && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    int result = sanitized ? 0 : enter_landlock(rules, &out_state->landlock_abi);
    if (result < 0)
        return result;
    int filtered = enter_seccomp(rules->calls);
    out_state->seccomp = filtered == 0;
    return filtered;
}

int folder_become_root(int folder_fd)
{
    if (fchdir(folder_fd) < 0 || chroot(".") < 0 || chdir("/") < 0)
        return -errno;
    return 0;
}

int privilege_drop(uid_t uid, gid_t gid)
{
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -errno;
    return setuid(0) == 0 ? -EPERM : 0;
}
