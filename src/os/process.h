/* SPDX-License-Identifier: Apache-2.0 */
/* process - starting the roles: this same program again, with a memory layout of its own. */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include "base/attributes.h"

#include <stdbool.h>
#include <sys/types.h>

/* Runs this program with other arguments; `fd` becomes descriptor `as_fd` of the child, which
 * inherits nothing else but the standard three. The child dies with its parent. */
MUST_USE int process_spawn_self(char *const arguments[], int fd, int as_fd, pid_t *out_pid);
/* Reaps one child that has ended: its pid, 0 when none has, -ECHILD when there is none. */
MUST_USE pid_t process_reap(int *out_status);
unsigned process_cores(void); /* that this process may use */
/* One datagram to the service manager at $NOTIFY_SOCKET, if there is one. */
void service_notify(const char *state);

#endif
