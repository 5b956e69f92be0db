/* SPDX-License-Identifier: Apache-2.0 */
/* command - one cmdlet from the words of the command line to its output and exit code. */
#ifndef PROGRAMS_POSTERN_COMMAND_H
#define PROGRAMS_POSTERN_COMMAND_H

#include "operations/operation.h"
#include "programs/postern/place.h"
#include "programs/postern/terminal.h"
#include "shell/format.h"

#include <jansson.h>

/* words[0] is the cmdlet. Returns the exit code. */
int command_run(const struct place *place, const char *const *words, size_t count);
/* `postern explain`: words behind it. */
int command_explain(const struct place *place, const char *const *words, size_t count);
/* `postern probe`: Test-SendConnector, as a list unless told otherwise. */
int command_probe(const struct place *place, const char *const *words, size_t count);

/* Prints objects, information, warnings and the error of a reply; returns the exit code. */
int command_show(json_t *reply, const struct operation *operation, enum format_kind format,
                 int exit_code);
/* Asks the hub; when it cannot be reached says so and returns NULL with the exit code. */
json_t *command_ask(const struct place *place, enum operation_id operation, json_t *parameters,
                    int *out_exit_code);
/* The same for an object that people name without the server's name at its end: "Client Frontend"
 * finds "Client Frontend MX1". */
json_t *command_ask_named(const struct place *place, enum operation_id operation,
                          json_t *parameters, int *out_exit_code);
/* Whether an operation may be sent: one that changes much shows its effects and asks the person in
 * front of the terminal, if there is one. False: not agreed, or refused beforehand. With
 * `out_answer` he may answer for what comes behind it, too; it is TERMINAL_YES when nobody is
 * asked.
 */
bool command_may_run(const struct place *place, const struct operation *operation,
                     json_t *parameters, enum terminal_answer *out_answer, int *out_exit_code);

#endif
