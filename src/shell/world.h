/* SPDX-License-Identifier: Apache-2.0 */
/* world - everything outside that a script may reach, as functions that its program hands over. */
#ifndef SHELL_WORLD_H
#define SHELL_WORLD_H

#include "base/text.h"
#include "operations/operation.h"
#include "shell/format.h"

#include <jansson.h>

enum world_stream { WORLD_OUTPUT, WORLD_ERRORS };

struct world {
    void *context;
    /* Runs an operation; its reply (json_decref it), or NULL when there is no server, with `error`
     * saying so. It may ask the person first; a refusal is a reply with an error. The answer may
     * be for what is still to come, too: then "yes-to-all" or "no-to-all" of the reply is true. */
    json_t *(*call)(void *context, const struct operation *operation, json_t *parameters,
                    enum operation_error *out_outcome, struct text *error);
    /* The same for a Get- of whose objects nothing is looked at but what names them. NULL: `call`
     * does. */
    json_t *(*call_names)(void *context, const struct operation *operation, json_t *parameters,
                          enum operation_error *out_outcome, struct text *error);
    /* The same for one whose file follows its reply: `take` gets it in pieces until it wants no
     * more, before this returns. NULL: there is no such file. */
    json_t *(*call_file)(void *context, const struct operation *operation, json_t *parameters,
                         bool (*take)(void *taker, struct slice piece), void *taker,
                         enum operation_error *out_outcome, struct text *error);
    /* The same once for each object of `each`, with its parameters beside the shared ones; `stop`:
     * no further than the first that fails. Nobody is asked. NULL: one after the other. */
    json_t *(*call_each)(void *context, const struct operation *operation, json_t *parameters,
                         json_t *each, bool stop, enum operation_error *out_outcome,
                         struct text *error);
    bool (*read_file)(void *context, struct slice path, struct text *out, struct text *error);
    bool (*file_exists)(void *context, struct slice path);
    bool (*write_file)(void *context, struct slice path, struct slice bytes, bool append,
                       struct text *error);
    /* A line from the person; a secret is not shown. False: there is nobody. */
    bool (*ask)(void *context, struct slice prompt, bool secret, struct text *out);
    int64_t (*now_ms)(void *context);
    void (*print)(void *context, enum world_stream stream, struct slice bytes);
    size_t width;          /* of the terminal; 0: none */
    enum format_kind form; /* of what a script gives; WIDE is none */
};

#endif
