/* SPDX-License-Identifier: Apache-2.0 */
/* tutorial - `postern tutorial NAME`: a problem played through on a server made for trying.
 *
 * Each step says what happens, runs the commands an administrator would type, shows what they
 * print, and checks that they say what they should. Nothing is pretended: a command is this
 * program, run once more. What a tutorial has changed is put back at its end.
 */
#ifndef PROGRAMS_POSTERN_TUTORIAL_H
#define PROGRAMS_POSTERN_TUTORIAL_H

#include "programs/postern/place.h"

extern const char tutorial_usage[];
/* Words behind `postern tutorial`. The exit code: 0 when every step showed what it should. */
int tutorial_run(const struct place *place, const char *const *words, size_t count);

/* --- the scripts, as tables --- */

enum { TUTORIAL_SHOWS_MAX = 6, TUTORIAL_ACTIONS_MAX = 6 };

enum tutorial_kind {
    TUTORIAL_POSTERN, /* `postern` and its words */
    TUTORIAL_SHELL,   /* lines of the management shell */
    TUTORIAL_SAY,     /* lines to the connector of the clients, in clear */
};

struct tutorial_action {
    enum tutorial_kind kind;
    const char *text; /* with {names} of tutorial_files; NULL ends the list */
    int exit;
    const char *shows[TUTORIAL_SHOWS_MAX + 1]; /* each is in the output; "!x": x is not */
};

struct tutorial_step {
    const char *title, *text; /* title NULL ends the list */
    struct tutorial_action actions[TUTORIAL_ACTIONS_MAX + 1];
};

struct tutorial {
    const char *name, *about;
    const struct tutorial_step *steps;
    const struct tutorial_action *put_back; /* ended by {0}; what fails here does not matter */
};

extern const struct tutorial tutorial_certificate_warning;

#endif
