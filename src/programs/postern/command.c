/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/command.h"

#include "programs/postern/hub_link.h"
#include "programs/postern/member_names.h"
#include "programs/postern/output_file.h"
#include "programs/postern/secrets.h"
#include "programs/postern/terminal.h"
#include "shell/format.h"
#include "shell/rows.h"
#include "shell/value.h"
#include "shell/view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_MAX = 4096, OUTPUT_MAX = 128 << 20, NAME_MAX_BYTES = 96, WORDS_MAX = 256 };

static void print(FILE *file, struct text *text_taken)
{
    if (text_taken->len > 0)
        fwrite(text_taken->at, 1, text_taken->len, file);
    fflush(file);
    text_deinit(text_taken);
}

static int say_unreachable(const struct place *place, int error)
{
    fprintf(stderr, "postern: %s: %s\n", place->socket, strerror(-error));
    if (error == -EACCES || error == -EPERM) {
        fprintf(stderr, "    fix: run it as root, or let its folder be entered (chmod o+x %s)\n",
                place->data);
        return OPERATION_DENIED;
    }
    fprintf(stderr,
            "    fix: start the server (./dev run, or systemctl start postern), or name its "
            "folder with --data\n");
    return OPERATION_UNREACHABLE;
}

json_t *command_ask(const struct place *place, enum operation_id operation, json_t *parameters,
                    int *out_exit_code)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof(storage));
    json_t *reply = NULL;
    operation_append_name(&name, &operations[operation]);
    int result = hub_ask(place, text_c_string(&name), parameters, &reply);
    *out_exit_code = result < 0 ? say_unreachable(place, result) : (int)format_exit_code(reply);
    return reply;
}

json_t *command_ask_named(const struct place *place, enum operation_id operation,
                          json_t *parameters, int *out_exit_code)
{
    json_t *reply = command_ask(place, operation, parameters, out_exit_code);
    struct slice name = value_text(parameters, "Identity");
    if (!reply || *out_exit_code != OPERATION_NOT_FOUND || name.len == 0 ||
        slice_contains(name, SLICE("*")))
        return reply;
    struct text pattern = text_with_ceiling(ERROR_MAX);
    text_append(&pattern, name);
    text_append_c(&pattern, " *");
    json_t *longer = json_copy(parameters);
    json_object_set_new(longer, "Identity", json_stringn(pattern.at, pattern.len));
    json_t *second = command_ask(place, operation, longer, out_exit_code);
    json_decref(longer);
    text_deinit(&pattern);
    if (second && *out_exit_code == OPERATION_OK) {
        json_decref(reply);
        return second;
    }
    json_decref(second);
    *out_exit_code = OPERATION_NOT_FOUND;
    return reply;
}

/* What is printed may be sent into a file: nothing else may stand in it. */
static bool is_file_text(json_t *reply)
{
    const struct view *view = view_of(value_text(reply, "noun"));
    return view && view->shape == VIEW_TEXT &&
           json_array_size(json_object_get(reply, "objects")) > 0;
}

int command_show(json_t *reply, const struct operation *operation, enum format_kind format,
                 int exit_code)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof(storage));
    struct text output = text_with_ceiling(OUTPUT_MAX), complaints = text_with_ceiling(OUTPUT_MAX);
    struct format_options options = {format, terminal_width()};
    operation_append_name(&name, operation);
    bool answered = json_array_size(json_object_get(reply, "objects")) > 0;
    if (exit_code == OPERATION_OK || answered) /* a negative answer has objects, too */
        format_objects(&output, reply, &options);
    if (rows_are_for(format) || is_file_text(reply))
        format_information(&complaints, reply);
    else
        format_information(&output, reply);
    format_warnings(&complaints, reply);
    format_error(&complaints, reply, text_slice(&name));
    print(stdout, &output);
    print(stderr, &complaints);
    return exit_code;
}

/* --- asking first --- */

static bool is_on(json_t *parameters, const char *name)
{
    return json_is_true(json_object_get(parameters, name));
}

static bool must_ask(const struct operation *operation, json_t *parameters)
{
    if (!operation->changes || is_on(parameters, "WhatIf") || is_on(parameters, "Force"))
        return false;
    if (json_object_get(parameters, "Confirm"))
        return is_on(parameters, "Confirm");
    return operation->asks_first && terminal_can_ask();
}

/* The question comes behind what would happen: the connectors that change, before and after. What
 * the server would refuse is not asked for: its exit code is returned. */
static int show_effects(const struct place *place, const struct operation *operation,
                        json_t *parameters)
{
    int exit_code = OPERATION_OK;
    json_t *dry = json_copy(parameters);
    json_object_set_new(dry, "WhatIf", json_true());
    json_t *reply = command_ask(place, operation_id_of(operation), dry, &exit_code);
    if (reply)
        command_show(reply, operation, FORMAT_DEFAULT, exit_code);
    json_decref(reply);
    json_decref(dry);
    return exit_code;
}

static enum terminal_answer answer_to(const struct operation *operation, json_t *parameters,
                                      bool many)
{
    struct text question = text_with_ceiling(ERROR_MAX);
    struct operation_parameter which;
    bool named = operation_positional(operation, 0, &which);
    text_append_format(&question, "%s-%s ", operation->verb, operation->noun);
    if (named)
        value_append(&question, json_object_get(parameters, which.name));
    text_append_c(&question, "?");
    const char *asked = text_c_string(&question);
    enum terminal_answer answer = TERMINAL_NO;
    if (asked && many)
        answer = terminal_confirm_many(asked);
    else if (asked && terminal_confirm(asked))
        answer = TERMINAL_YES;
    text_deinit(&question);
    return answer;
}

bool command_may_run(const struct place *place, const struct operation *operation,
                     json_t *parameters, enum terminal_answer *out_answer, int *out_exit_code)
{
    enum terminal_answer answer = TERMINAL_YES;
    *out_exit_code = OPERATION_OK;
    if (must_ask(operation, parameters)) {
        *out_exit_code = show_effects(place, operation, parameters);
        if (*out_exit_code == OPERATION_OK)
            answer = answer_to(operation, parameters, out_answer != NULL);
        if (answer == TERMINAL_NO || answer == TERMINAL_NO_TO_ALL) {
            fprintf(stderr, "Nothing was changed.\n");
            *out_exit_code = OPERATION_FAILED;
        }
    }
    if (out_answer)
        *out_answer = answer;
    return *out_exit_code == OPERATION_OK;
}

/* --- one cmdlet --- */

/* The file behind the reply goes to the disk while it comes. */
static int run_for_file(const struct place *place, const struct operation *operation,
                        struct arguments *arguments)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof(storage));
    struct output_stream stream;
    json_t *reply = NULL;
    output_stream_init(&stream, arguments);
    operation_append_name(&name, operation);
    int result = hub_ask_file(place, text_c_string(&name), arguments->parameters,
                              output_stream_take, &stream, &reply);
    int exit_code = result < 0 ? say_unreachable(place, result) : (int)format_exit_code(reply);
    if (exit_code == OPERATION_OK)
        exit_code = output_stream_end(&stream, reply);
    else
        (void)output_stream_end(&stream, NULL);
    if (reply)
        command_show(reply, operation, arguments->format, exit_code);
    json_decref(reply);
    return exit_code;
}

static int run_parsed(const struct place *place, const struct operation *operation,
                      struct arguments *arguments)
{
    int exit_code = OPERATION_OK;
    if (operation->file_follows)
        return run_for_file(place, operation, arguments);
    if (!command_may_run(place, operation, arguments->parameters, NULL, &exit_code))
        return exit_code;
    bool named = operation == &operations[OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE];
    json_t *reply = (named ? command_ask_named : command_ask)(place, operation_id_of(operation),
                                                              arguments->parameters, &exit_code);
    if (reply && exit_code == OPERATION_OK && output_file_wanted(operation, arguments))
        exit_code = output_file_save(reply, arguments);
    if (reply)
        command_show(reply, operation, arguments->format, exit_code);
    json_decref(reply);
    return exit_code;
}

static int say_usage(struct text *error_taken)
{
    fprintf(stderr, "postern: %.*s\n", SLICE_ARG(text_slice(error_taken)));
    text_deinit(error_taken);
    return OPERATION_USAGE;
}

static int run_words(const struct place *place, const struct operation *operation,
                     const char *const *words, size_t count)
{
    struct arguments arguments;
    struct text error = text_with_ceiling(ERROR_MAX);
    if (!arguments_parse(operation, words, count, &arguments, &error))
        return say_usage(&error);
    bool good =
        (!output_file_wanted(operation, &arguments) || output_file_possible(&arguments, &error)) &&
        member_names_look_up(operation, arguments.parameters, &error) &&
        secrets_fetch(operation, &arguments, &error);
    int exit_code = good ? run_parsed(place, operation, &arguments) : say_usage(&error);
    text_deinit(&error);
    json_decref(arguments.parameters);
    return exit_code;
}

int command_run(const struct place *place, const char *const *words, size_t count)
{
    struct text error = text_with_ceiling(ERROR_MAX);
    const struct operation *operation = operation_find(slice_of(words[0]), &error);
    if (!operation)
        return say_usage(&error);
    text_deinit(&error);
    return run_words(place, operation, words + 1, count - 1);
}

int command_explain(const struct place *place, const char *const *words, size_t count)
{
    static const struct {
        const char *option, *parameter;
    } names[] = {{"--connector", "-Identity"},
                 {"--client", "-RemoteIPAddress"},
                 {"--local", "-LocalEndpoint"},
                 {"--server-name", "-ServerName"},
                 {"--sni", "-ServerName"},
                 {"--client-keys", "-ClientKeys"},
                 {"--at", "-At"},
                 {"--with-file", "-WithFile"},
                 {"--password", "-Password"}};
    char parameters[COUNT_OF(names)][NAME_MAX_BYTES];
    const char *translated[WORDS_MAX];
    if (count > WORDS_MAX)
        return OPERATION_USAGE;
    for (size_t i = 0; i < count; i++) {
        translated[i] = words[i];
        for (size_t j = 0; j < COUNT_OF(names); j++) {
            if (strcmp(words[i], names[j].option) != 0)
                continue;
            snprintf(parameters[j], NAME_MAX_BYTES, "%s", names[j].parameter);
            translated[i] = parameters[j];
        }
    }
    return run_words(place, &operations[OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE], translated,
                     count);
}

int command_probe(const struct place *place, const char *const *words, size_t count)
{
    const char *translated[2 * WORDS_MAX + 2];
    size_t given = 0;
    bool shaped = false;
    if (count > WORDS_MAX)
        return OPERATION_USAGE;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], "--json") == 0) {
            translated[given++] = "-o";
            translated[given++] = "json";
            shaped = true;
            continue;
        }
        shaped |= strcmp(words[i], "-o") == 0;
        translated[given++] = words[i];
    }
    if (!shaped) {
        translated[given++] = "-o";
        translated[given++] = "list";
    }
    return run_words(place, &operations[OPERATION_TEST_SEND_CONNECTOR], translated, given);
}
