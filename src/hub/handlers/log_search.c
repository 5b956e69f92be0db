/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/log_search.h"

#include "base/log_row.h"
#include "hub/logs.h"
#include "os/log_file.h"

#include <string.h>

enum { TEXT_MAX = 2048, TEXTS_MAX = 64 << 10 };

void log_search_init(struct log_search *search, struct call *call, enum log_kind log)
{
    search->call = call;
    search->log = log;
    search->arena = arena_with_ceiling(TEXTS_MAX);
    search->folder_fd = logs_folder_fd(call->hub, log);
}

bool log_search_text(struct log_search *search, struct slice written, struct slice *out)
{
    char storage[TEXT_MAX];
    struct text text = text_over(storage, sizeof storage);
    return log_value_append(&text, written, written.len) &&
           arena_copy(&search->arena, text_slice(&text), out);
}

void log_search_end(struct log_search *search)
{
    arena_deinit(&search->arena);
    search->release(search);
}

/* --- on the reading thread --- */

static bool on_line(void *context, struct slice line)
{
    struct log_search *search = context;
    return !logs_are_ending(search->call->hub) && search->take(search, line);
}

static void read_files(void *context)
{
    struct log_search *search = context;
    int result =
        log_files_read(search->folder_fd, log_facts(search->log)->prefix, log_day(search->from_ms),
                       log_day(search->until_ms), on_line, search);
    if (search->failed == 0)
        search->failed = result;
}

/* --- on the loop --- */

static void on_read(void *context, bool ran)
{
    struct log_search *search = context;
    struct call *call = search->call;
    bool whole = ran && !logs_are_ending(call->hub);
    if (whole && search->failed == 0) {
        search->show(search);
        call_done(call);
    } else {
        call_fail(call, OPERATION_FAILED, "the %s cannot be read: %s", search->name,
                  whole ? strerror(-search->failed) : "the server is ending");
    }
    log_search_end(search);
}

void log_search_run(struct log_search *search)
{
    if (logs_read(search->call->hub, read_files, on_read, search))
        return;
    call_fail(search->call, OPERATION_FAILED,
              "too many are reading the logs at the moment; try again in a few seconds");
    log_search_end(search);
}
