/* SPDX-License-Identifier: Apache-2.0 */
/* line_editor - lines from a person at a terminal: editing, history, completion with Tab.
 *
 * The history lies in $XDG_STATE_HOME/postern/history (~/.local/state), for its owner alone. A
 * command that could hold a password is not remembered.
 */
#ifndef PROGRAMS_POSTERN_LINE_EDITOR_H
#define PROGRAMS_POSTERN_LINE_EDITOR_H

#include "shell/completion.h"

enum line_editor_outcome {
    LINE_EDITOR_LINE,
    LINE_EDITOR_CANCELLED, /* Ctrl-C: what was begun is forgotten */
    LINE_EDITOR_END,       /* Ctrl-D on an empty line */
};

struct line_editor;

/* NULL without memory. `source` must outlive it. */
struct line_editor *line_editor_new(const struct completion_source *source);
void line_editor_free(struct line_editor *editor); /* writes the history; accepts NULL */
/* A line without its end. */
enum line_editor_outcome line_editor_read(struct line_editor *editor, const char *prompt,
                                          struct text *out);
/* A whole command, perhaps of several lines. */
void line_editor_remember(struct line_editor *editor, struct slice command);

#endif
