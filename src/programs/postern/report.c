/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/report.h"

#include "os/clock.h"
#include "shell/value.h"

#include <inttypes.h>
#include <stdio.h>

enum { LINE_BYTES = 1536, LINE_WIDTH = 72 };

void report_begin(struct report *report)
{
    report->step++;
    report->began_ms = clock_monotonic_ms();
}

PRINTF_LIKE(2, 0)
static void append_printed(struct text *safe, const char *format, va_list arguments)
{
    char storage[LINE_BYTES];
    int len = vsnprintf(storage, sizeof(storage), format, arguments);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof(storage) ? (size_t)len : sizeof(storage) - 1;
    value_append_safe(safe, slice_bytes(storage, kept));
}

bool report_end(const struct report *report, const char *name, bool good, const char *format, ...)
{
    struct text line = text_with_ceiling((size_t)LINE_BYTES * 5);
    va_list arguments;
    text_append_format(&line, "  %u %-12s", report->step, name);
    va_start(arguments, format);
    append_printed(&line, format, arguments);
    va_end(arguments);
    size_t columns = text_columns(text_slice(&line));
    text_append_blanks(&line, columns < LINE_WIDTH ? LINE_WIDTH - columns : 2);
    printf("%.*s%s %4" PRIu64 " ms\n", SLICE_ARG(text_slice(&line)), good ? "ok  " : "FAIL",
           clock_monotonic_ms() - report->began_ms);
    text_deinit(&line);
    return good;
}

void report_note(const char *format, ...)
{
    struct text line = text_with_ceiling((size_t)LINE_BYTES * 4);
    va_list arguments;
    va_start(arguments, format);
    append_printed(&line, format, arguments);
    va_end(arguments);
    printf("        %.*s\n", SLICE_ARG(text_slice(&line)));
    text_deinit(&line);
}

void report_warn(struct report *report, struct slice sentence)
{
    report_note("a mail client would WARN: %.*s", SLICE_ARG(sentence));
    report->warnings++;
}
