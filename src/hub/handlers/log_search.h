/* SPDX-License-Identifier: Apache-2.0 */
/* log_search - a cmdlet that looks through the files of a log, row by row, on the thread for it.
 *
 * It stands in front of what a cmdlet keeps of its own: `take` decides about each row there, and
 * back on the loop `show` makes objects of what was found. It owns what it is part of: `release`
 * is called once, at the end.
 */
#ifndef HUB_HANDLERS_LOG_SEARCH_H
#define HUB_HANDLERS_LOG_SEARCH_H

#include "base/arena.h"
#include "hub/call.h"
#include "model/log.h"

enum {
    LOG_SEARCH_RESULTS = 1000, /* without -ResultSize */
    LOG_SEARCH_RESULTS_MAX = 10000,
    LOG_SEARCH_BYTES_MAX = 16 << 20 /* of rows, whatever -ResultSize says */
};

struct log_search {
    struct call *call;
    enum log_kind log;
    const char *name; /* "message tracking log" */
    int64_t from_ms, until_ms;
    bool (*take)(struct log_search *search, struct slice line); /* false: no more rows */
    void (*show)(struct log_search *search);
    void (*release)(struct log_search *search);
    struct arena arena; /* of the texts that are looked for */
    int failed;         /* -errno, also set by `take` */
    int folder_fd;
};

void log_search_init(struct log_search *search, struct call *call, enum log_kind log);
/* A text as the log shows it. False: it is too long, or there is no memory. */
MUST_USE bool log_search_text(struct log_search *search, struct slice written, struct slice *out);
/* Ends the call when all is read, and the search. */
void log_search_run(struct log_search *search);
void log_search_end(struct log_search *search); /* one that was not run */

#endif
