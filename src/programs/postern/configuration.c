/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/configuration.h"

#include "base/base64.h"
#include "programs/postern/command.h"
#include "programs/postern/configuration_file.h"
#include "programs/postern/output_file.h"
#include "programs/postern/terminal.h"
#include "shell/value.h"

#include <stdio.h>
#include <string.h>

enum { ERROR_MAX = 4096, OUTPUT_MAX = 64 << 20, VALUE_SHOWN = 300, DIFFERENT = 1 };

const char configuration_usage[] =
    "usage: postern export [-o FILE] [--json] [--without-secrets] [--force]\n"
    "       postern diff FILE [--without-secrets] [-o json]\n"
    "       postern apply FILE [--yes] [--without-secrets] [-WhatIf]\n"
    "\n"
    "export prints the whole configuration as a script of cmdlets, or as JSON. diff shows what "
    "such\n"
    "a file would change; exit 0: nothing, 1: something, 2: the file cannot be applied. apply "
    "makes\n"
    "the configuration what the file says, as one change or not at all. Objects that the file "
    "does\n"
    "not name go: it asks first, or needs --yes. A script may have variables and loops.\n";

static int say_usage(void)
{
    fputs(configuration_usage, stderr);
    return OPERATION_USAGE;
}

/* --- export --- */

static int run_export(const struct place *place, const struct arguments *arguments)
{
    struct text error = text_with_ceiling(ERROR_MAX);
    bool file = arguments->file_name.len > 0;
    int exit_code = OPERATION_USAGE;
    json_t *reply = NULL;
    if (file && !output_file_possible(arguments, &error))
        fprintf(stderr, "postern: %.*s\n", SLICE_ARG(text_slice(&error)));
    else
        reply =
            command_ask(place, OPERATION_EXPORT_CONFIGURATION, arguments->parameters, &exit_code);
    if (reply && exit_code == OPERATION_OK && file)
        exit_code = output_file_save(reply, arguments);
    else if (reply)
        command_show(reply, &operations[OPERATION_EXPORT_CONFIGURATION], FORMAT_DEFAULT, exit_code);
    json_decref(reply);
    text_deinit(&error);
    return exit_code;
}

int configuration_export(const struct place *place, const char *const *words, size_t count)
{
    struct arguments arguments = {.parameters = json_object()};
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            json_object_set_new(arguments.parameters, "Format", json_string("Json"));
        else if (strcmp(words[i], "--without-secrets") == 0)
            json_object_set_new(arguments.parameters, "WithoutSecrets", json_true());
        else if (strcmp(words[i], "--force") == 0)
            json_object_set_new(arguments.parameters, "Force", json_true());
        else if (strcmp(words[i], "-o") == 0 && i + 1 < count)
            arguments.file_name = slice_of(words[++i]);
        else
            good = false;
    }
    int exit_code = good ? run_export(place, &arguments) : say_usage();
    json_decref(arguments.parameters);
    return exit_code;
}

/* --- what apply and diff are told --- */

struct options {
    const char *file;
    bool yes, dry, json, without_secrets;
};

static bool read_options(const char *const *words, size_t count, struct options *out)
{
    const struct {
        const char *word;
        bool *on;
    } switches[] = {{"--yes", &out->yes},
                    {"-Confirm:$false", &out->yes},
                    {"-WhatIf", &out->dry},
                    {"--without-secrets", &out->without_secrets}};
    *out = (struct options){0};
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < COUNT_OF(switches) && strcmp(words[i], switches[k].word) != 0)
            k++;
        bool json =
            strcmp(words[i], "-o") == 0 && i + 1 < count && strcmp(words[i + 1], "json") == 0;
        if (k < COUNT_OF(switches))
            *switches[k].on = true;
        else if (json)
            out->json = ++i > 0;
        else if (words[i][0] != '-' && !out->file)
            out->file = words[i];
        else
            return false;
    }
    return out->file != NULL;
}

/* --- differences --- */

static void append_value(struct text *text, json_t *row, const char *name)
{
    struct slice value = value_text(row, name);
    value_append_safe(text, slice_first(value, VALUE_SHOWN));
    text_append_c(text, value.len == 0 ? "(nothing)" : value.len > VALUE_SHOWN ? "..." : "");
}

static void append_difference(struct text *text, json_t *row)
{
    struct slice change = value_text(row, "Change");
    bool adds = slice_equal(change, SLICE("Add")), removes = slice_equal(change, SLICE("Remove"));
    text_append_format(text, "%s %.*s ",
                       adds      ? "+"
                       : removes ? "-"
                                 : "~",
                       SLICE_ARG(value_text(row, "Kind")));
    append_value(text, row, "Name");
    if (!adds && !removes) {
        text_append_format(text, "  %.*s: ", SLICE_ARG(value_text(row, "Setting")));
        append_value(text, row, "Before");
        text_append_c(text, " -> ");
        append_value(text, row, "After");
    }
    text_append_byte(text, '\n');
}

static void show_differences(json_t *rows, bool json)
{
    struct text text = text_with_ceiling(OUTPUT_MAX);
    size_t index;
    json_t *row;
    if (json) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        putchar('\n');
        return;
    }
    json_array_foreach(rows, index, row)
    {
        append_difference(&text, row);
    }
    printf("%.*s", SLICE_ARG(text_slice(&text)));
    fflush(stdout);
    text_deinit(&text);
}

static size_t count_removed(json_t *rows)
{
    size_t count = 0, index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        count += slice_equal(value_text(row, "Change"), SLICE("Remove"));
    }
    return count;
}

/* --- asking the server --- */

static json_t *parameters_of(const struct options *options, const struct text *document)
{
    struct text encoded = text_with_ceiling(OPERATION_REQUEST_MAX);
    json_t *parameters = NULL;
    if (base64_append(&encoded, text_slice(document)))
        parameters = json_pack("{s:o, s:b}", "FileData", json_stringn(encoded.at, encoded.len),
                               "WithoutSecrets", options->without_secrets);
    else
        fprintf(stderr, "postern: %s: it is too large\n", options->file);
    text_deinit(&encoded);
    return parameters;
}

static int say_refused(const struct options *options, json_t *reply, int exit_code)
{
    json_t *error = json_object_get(reply, "error");
    struct text text = text_with_ceiling(ERROR_MAX * 4);
    value_append_safe(&text, value_text(error, "message"));
    fprintf(stderr, "postern: %s: %.*s\n", options->file, SLICE_ARG(text_slice(&text)));
    text_clear(&text);
    value_append_safe(&text, value_text(error, "fix"));
    if (text.len > 0)
        fprintf(stderr, "    fix: %.*s\n", SLICE_ARG(text_slice(&text)));
    text_deinit(&text);
    return exit_code;
}

/* What the file would change; NULL: it has been said why it cannot be applied. */
static json_t *preview(const struct place *place, const struct options *options, json_t *parameters,
                       int *out_exit_code)
{
    json_object_set_new(parameters, "WhatIf", json_true());
    json_t *reply = command_ask(place, OPERATION_IMPORT_CONFIGURATION, parameters, out_exit_code);
    json_object_del(parameters, "WhatIf");
    if (!reply || *out_exit_code == OPERATION_OK)
        return reply;
    *out_exit_code = say_refused(options, reply, *out_exit_code);
    json_decref(reply);
    return NULL;
}

static bool agreed(const struct options *options, size_t removed)
{
    char question[96];
    if (removed == 0 || options->yes)
        return true;
    if (!terminal_can_ask()) {
        fprintf(stderr,
                "postern: %s: %zu object%s the file does not name would go (the lines with -)\n"
                "    fix: postern apply %s --yes\n",
                options->file, removed, removed == 1 ? "" : "s", options->file);
        return false;
    }
    snprintf(question, sizeof(question), "Apply it? %zu object%s (the lines with -)", removed,
             removed == 1 ? " goes" : "s go");
    bool yes = terminal_confirm(question);
    if (!yes)
        fprintf(stderr, "Nothing was changed.\n");
    return yes;
}

/* Only what was shown: the revision must still be the one that was looked at. */
static int send(const struct place *place, const struct options *options, json_t *parameters,
                json_t *rows)
{
    int exit_code;
    json_t *revision = json_object_get(json_array_get(rows, 0), "Revision");
    json_object_set(parameters, "Revision", revision);
    json_object_set_new(parameters, "Confirm", json_false());
    json_t *reply = command_ask(place, OPERATION_IMPORT_CONFIGURATION, parameters, &exit_code);
    if (!reply)
        return exit_code;
    if (exit_code != OPERATION_OK) {
        exit_code = say_refused(options, reply, exit_code);
    } else {
        json_array_clear(json_object_get(reply, "objects"));
        command_show(reply, &operations[OPERATION_IMPORT_CONFIGURATION], FORMAT_DEFAULT, exit_code);
    }
    json_decref(reply);
    return exit_code;
}

static int run(const struct place *place, const struct options *options, bool apply)
{
    struct text document = text_with_ceiling(OPERATION_REQUEST_MAX);
    int exit_code = OPERATION_USAGE;
    json_t *parameters = configuration_file_read(place, options->file, &document)
                             ? parameters_of(options, &document)
                             : NULL;
    json_t *reply = parameters ? preview(place, options, parameters, &exit_code) : NULL;
    text_deinit(&document);
    if (reply) {
        json_t *rows = json_object_get(reply, "objects");
        bool differs = json_array_size(rows) > 0;
        show_differences(rows, options->json);
        if (!differs && !options->json)
            printf("nothing to change\n");
        else if (apply && !options->dry)
            exit_code = agreed(options, count_removed(rows))
                            ? send(place, options, parameters, rows)
                            : OPERATION_CONFLICT;
        else if (!apply && differs)
            exit_code = DIFFERENT;
    }
    json_decref(reply);
    json_decref(parameters);
    return exit_code;
}

int configuration_diff(const struct place *place, const char *const *words, size_t count)
{
    struct options options;
    bool good = read_options(words, count, &options) && !options.yes && !options.dry;
    return good ? run(place, &options, false) : say_usage();
}

int configuration_apply(const struct place *place, const char *const *words, size_t count)
{
    struct options options;
    return read_options(words, count, &options) ? run(place, &options, true) : say_usage();
}
