/* SPDX-License-Identifier: Apache-2.0 */
/* report - the numbered lines that `postern test` prints. */
#ifndef PROGRAMS_POSTERN_REPORT_H
#define PROGRAMS_POSTERN_REPORT_H

#include "base/text.h"

struct report {
    uint64_t began_ms;
    unsigned step, warnings;
};

void report_begin(struct report *report); /* the next step, and its time */
/* Its line: what it was, how it went, how long it took. Returns `good`. */
PRINTF_LIKE(4, 5)
bool report_end(const struct report *report, const char *name, bool good, const char *format, ...);
void report_warn(struct report *report, struct slice sentence);
PRINTF_LIKE(1, 2) void report_note(const char *format, ...); /* an indented line */

#endif
