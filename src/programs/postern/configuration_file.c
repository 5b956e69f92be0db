/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/configuration_file.h"

#include "operations/configuration.h"
#include "os/descriptor.h"
#include "programs/postern/shell_world.h"
#include "shell/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 1 << 30, NOUN_SHOWN = 64 };
static const uint64_t steps_max = 200000000;

struct gathering {
    struct shell *shell;
    struct slice source;
    size_t at, line; /* the place whose line was counted last */
    json_t *objects;
};

/* Cmdlets come in the order of the text, but for functions that are called again. */
static size_t count_lines(struct gathering *gathering)
{
    size_t at = shell_position(gathering->shell);
    if (at < gathering->at) {
        gathering->at = 0;
        gathering->line = 1;
    }
    for (; gathering->at < at && gathering->at < gathering->source.len; gathering->at++)
        gathering->line += gathering->source.at[gathering->at] == '\n';
    return gathering->line;
}

static json_t *refusal(const struct operation *operation)
{
    char storage[NOUN_SHOWN];
    struct text name = text_over(storage, sizeof(storage));
    operation_append_name(&name, operation);
    const char *written = text_c_string(&name);
    return json_pack("{s:[], s:{s:s, s:o}}", "objects", "error", "category",
                     operation_error_category(OPERATION_USAGE), "message",
                     json_sprintf("%s cannot stand in a configuration file: it describes all "
                                  "objects by the cmdlets that make them, as postern export writes "
                                  "them",
                                  written ? written : "it"));
}

static json_t *gather(void *context, const struct operation *operation, json_t *parameters,
                      enum operation_error *out_outcome, struct text *error)
{
    struct gathering *gathering = context;
    const struct configuration_kind *row = configuration_kind_of(operation_id_of(operation));
    *out_outcome = row ? OPERATION_OK : OPERATION_USAGE;
    if (!row)
        return refusal(operation);
    json_t *item = json_copy(parameters);
    json_t *list = json_object_get(gathering->objects, configuration_noun(row));
    if (!list) {
        list = json_array();
        json_object_set_new(gathering->objects, configuration_noun(row), list);
    }
    json_object_set_new(item, "_line", json_integer((json_int_t)count_lines(gathering)));
    if (json_array_append_new(list, item) < 0)
        text_append_c(error, "no memory");
    return json_pack("{s:[]}", "objects");
}

static bool write_document(json_t *objects, struct text *out_text)
{
    json_t *document = json_pack("{s:i, s:O}", "format", CONFIGURATION_FORMAT, "objects", objects);
    char *written = json_dumps(document, JSON_COMPACT);
    bool good = written && text_append_c(out_text, written);
    free(written);
    json_decref(document);
    if (!good)
        fprintf(stderr, "postern: the configuration is larger than %d bytes\n",
                OPERATION_REQUEST_MAX);
    return good;
}

static bool run_script(const struct place *place, const char *path, struct slice source,
                       struct text *out_text)
{
    struct gathering gathering = {.source = source, .line = 1, .objects = json_object()};
    struct world world = shell_world(place);
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = steps_max};
    world.context = &gathering;
    world.call = gather;
    world.call_names = NULL;
    world.call_each = NULL;
    world.call_file = NULL;
    gathering.shell = shell_new(&world, &limits);
    bool good = gathering.shell && gathering.objects;
    if (good)
        shell_run(gathering.shell, source, false);
    if (good && shell_exit_code(gathering.shell) != OPERATION_OK) {
        fprintf(stderr, "postern: %s: nothing was sent to the server\n", path);
        good = false;
    }
    good = good && write_document(gathering.objects, out_text);
    shell_free(gathering.shell);
    json_decref(gathering.objects);
    return good;
}

static bool is_json(struct slice text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.at[0]))
        text = slice_after(text, 1);
    return slice_starts(text, SLICE("{"));
}

bool configuration_file_read(const struct place *place, const char *path, struct text *out_text)
{
    struct text file = text_with_ceiling(OPERATION_REQUEST_MAX);
    int result = file_read(AT_FDCWD, path, &file);
    if (result < 0)
        fprintf(stderr, "postern: %s: %s\n", path, strerror(-result));
    bool good = result == 0 &&
                (is_json(text_slice(&file)) ? text_append(out_text, text_slice(&file))
                                            : run_script(place, path, text_slice(&file), out_text));
    text_deinit(&file);
    return good;
}
