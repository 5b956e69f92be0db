/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox - what a process gives up for the rest of its life.
 *
 * no_new_privs, no core dump, not dumpable, a landlock rule set (which folders may be touched) and
 * a seccomp allow-list (which system calls exist). A call that is not on the list ends the process
 * with SIGSYS. Enter it after everything was opened and all threads of the process exist or with
 * THREADS.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Groups of system calls. Every role has the first: memory, time, event loop, use of descriptors it
 * holds. */
enum sandbox_calls {
    SANDBOX_MESSAGES = 1 << 0,     /* send and receive on sockets it holds */
    SANDBOX_ACCEPT = 1 << 1,       /* accept on listeners it was handed */
    SANDBOX_FILES = 1 << 2,        /* open, create, rename, sync files; landlock says where */
    SANDBOX_SOCKETS = 1 << 3,      /* make, bind and connect sockets */
    SANDBOX_PROCESSES = 1 << 4,    /* fork and wait */
    SANDBOX_THREADS = 1 << 5,      /* start threads */
    SANDBOX_MEMORY_FILES = 1 << 6, /* make and seal memory files */
    SANDBOX_LIMITS =
        1 << 7, /* lower resource limits (of a child it forks) and seal that child further */
};

struct sandbox_folder {
    int fd;        /* the folder, open; -1 is skipped */
    bool writable; /* else read only */
};

struct sandbox_rules {
    const char *name;
    unsigned calls;                       /* enum sandbox_calls */
    const struct sandbox_folder *folders; /* nothing else in the file system can be opened */
    size_t folder_count;
};

struct sandbox_state { /* what is in force */
    bool seccomp;
    int landlock_abi; /* 0: this kernel has none */
};

MUST_USE int sandbox_enter(const struct sandbox_rules *rules, struct sandbox_state *out_state);

/* The folder becomes "/" of this process; only root can, before it stops being root. Whoever drops
 * to another user needs no right to walk the folders above then. */
MUST_USE int folder_become_root(int folder_fd);

/* Gives up root for good: groups, then gid, then uid; fails unless afterwards root cannot be had
 * back. */
MUST_USE int privilege_drop(uid_t uid, gid_t gid);

#endif
