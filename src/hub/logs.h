/* SPDX-License-Identifier: Apache-2.0 */
/* logs - the log files of the server: rows are gathered, and written by a thread of their own.
 *
 * A row costs its formatting and no system call; what was gathered goes to the writer 100 ms after
 * the first row or when it is 64 KiB. Mail never waits for a log: when the disk takes nothing, or
 * the writer is too far behind, rows are dropped and counted, and that is said once, and once more
 * when it is over, with the number. What is gathered when the hub ends is written. What is in a
 * file outlives the end of the hub, however it ends; that of the machine may take the last seconds.
 */
#ifndef HUB_LOGS_H
#define HUB_LOGS_H

#include "hub/state.h"
#include "model/log.h"

/* From here on whatever role_event says is in the log of events, too. */
MUST_USE int logs_begin(struct hub *hub, int folder_fd_take);
/* What was appended is in the files, sequels have run and readings are over; from here on each row
 * is written as it comes. */
void logs_settle(struct hub *hub);
void logs_end(struct hub *hub);

/* How much of each log is kept, by the model in force; what is beyond it goes at once. */
void logs_configure(struct hub *hub);

/* One row: the struct of its log (model/log.h). */
void logs_append(struct hub *hub, enum log_kind kind, const void *row);

/* What is not to happen before a row is in its file. It belongs to the logs until `run`. */
struct log_sequel {
    void (*run)(void *context);
    void *context;
    struct log_sequel *next;
};
/* The same; `sequel` runs exactly once, on the loop, when the row is in the file or is lost: before
 * this returns if there is no log, else behind those given earlier. NULL: nothing follows. */
void logs_append_then(struct hub *hub, enum log_kind kind, const void *row,
                      struct log_sequel *sequel);
/* An event of another role, or of this one: to the log of events. */
void logs_event(struct hub *hub, const struct wire_event *event, struct slice source);
uint64_t logs_rows_lost(const struct hub *hub); /* since the start, of all logs */

/* Reading, on a thread of its own: `run` there, when everything appended so far is in the files;
 * then `done` on the loop, exactly once (`ran` is false when the hub ends first). False: too many
 * are reading already, and neither is called. */
MUST_USE bool logs_read(struct hub *hub, void (*run)(void *context),
                        void (*done)(void *context, bool ran), void *context);
int logs_folder_fd(const struct hub *hub, enum log_kind kind);
bool logs_are_ending(const struct hub *hub); /* may be asked on any thread: stop reading */

#endif
