/* SPDX-License-Identifier: Apache-2.0 */
/* standard_error - lines for whoever keeps the log of this program.
 *
 * Under systemd standard error is the journal: then a line begins with its priority, <3> to <6>
 * (sd-daemon(3)), which the journal takes off and files it by. Elsewhere a line is as it is.
 */
#ifndef OS_STANDARD_ERROR_H
#define OS_STANDARD_ERROR_H

#include "base/slice.h"

enum standard_error_priority { /* as in syslog(3) */
                               PRIORITY_ERROR = 3,
                               PRIORITY_WARNING = 4,
                               PRIORITY_INFORMATION = 6,
};

/* Written in one piece, with LF behind it. */
void standard_error_line(enum standard_error_priority priority, struct slice line);

#endif
