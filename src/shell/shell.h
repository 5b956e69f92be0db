/* SPDX-License-Identifier: Apache-2.0 */
/* shell - the management language: one text after another, run in the same session.
 *
 * It reaches nothing outside but through the functions of its world. Variables and functions stay
 * from one text to the next; an error ends a text or a statement, never the session.
 */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "shell/world.h"

struct shell;

enum shell_outcome {
    SHELL_DONE,
    SHELL_INCOMPLETE, /* more lines could complete it; nothing was run */
    SHELL_EXIT        /* the script said exit */
};

struct shell_limits {
    size_t memory_max;
    uint64_t steps_max;
    bool always_collect; /* for tests: gives memory back at every step */
};

/* `world` is borrowed. NULL: no memory. */
struct shell *shell_new(const struct world *world, const struct shell_limits *limits);
void shell_free(struct shell *shell); /* accepts NULL */

/* Reads and runs a text. `more_may_come`: an incomplete one is no error. */
enum shell_outcome shell_run(struct shell *shell, struct slice text, bool more_may_come);
/* The same for a whole script, with the words behind its name for its param( ). */
enum shell_outcome shell_run_script(struct shell *shell, struct slice text,
                                    const char *const *words, size_t count);
/* Where in the text the operation stands that was called last. */
size_t shell_position(const struct shell *shell);
/* Behind the last text: what a form for programs ends with. */
void shell_end(struct shell *shell);
int shell_exit_code(const struct shell *shell); /* of the last error; 0: there was none */

#endif
