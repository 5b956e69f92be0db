/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "programs/postern/command.h"
#include "programs/postern/queue.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGE_MESSAGES = 200,
    VALUE_MAX = 2048,
    LINE_MAX_BYTES = 1 << 20,
    TIME_BYTES = 19 /* without the fraction */
};

struct totals {
    uint64_t messages, bytes;
};

static const char *word(json_t *message, const char *name)
{
    const char *value = json_string_value(json_object_get(message, name));
    return value ? value : "";
}

/* Which of Postfix's queues it would be in. */
static const char *queue_of(json_t *message)
{
    static const struct {
        const char *status, *queue;
    } rows[] = {{"Active", "active"}, {"Suspended", "hold"}, {"Retry", "deferred"}};
    const char *status = word(message, "Status"), *queue = word(message, "Queue");
    const char *name = strrchr(queue, '\\');
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(status, rows[i].status) == 0)
            return rows[i].queue;
    bool tried = json_integer_value(json_object_get(message, "RetryCount")) > 0 ||
                 (name && strcmp(name + 1, "Unreachable") == 0);
    return tried ? "deferred" : "incoming";
}

static const char *sender_of(json_t *message)
{
    const char *sender = word(message, "FromAddress");
    return strcmp(sender, "<>") == 0 ? "MAILER-DAEMON" : sender;
}

/* --- as JSON, an object a line --- */

static json_t *recipients_json(json_t *message, const char *queue)
{
    json_t *list = json_array(), *address;
    size_t index;
    bool delayed = strcmp(queue, "active") != 0 && strcmp(queue, "incoming") != 0;
    json_array_foreach(json_object_get(message, "Recipients"), index, address)
    {
        json_t *recipient = json_object();
        json_object_set(recipient, "address", address);
        if (delayed)
            json_object_set(recipient, "delay_reason", json_object_get(message, "Why"));
        json_array_append_new(list, recipient);
    }
    return list;
}

static void print_json(json_t *message)
{
    int64_t received_ms = 0;
    char id[24];
    const char *queue = queue_of(message);
    (void)calendar_parse_rfc3339(slice_of(word(message, "DateReceived")), &received_ms);
    snprintf(id, sizeof id, "%lld",
             (long long)json_integer_value(json_object_get(message, "InternalId")));
    json_t *line = json_object();
    json_object_set_new(line, "queue_name", json_string(queue));
    json_object_set_new(line, "queue_id", json_string(id));
    json_object_set_new(line, "arrival_time", json_integer(received_ms / 1000));
    json_object_set(line, "message_size", json_object_get(message, "Size"));
    json_object_set_new(line, "forced_expire", json_false());
    json_object_set_new(line, "sender", json_string(sender_of(message)));
    json_object_set_new(line, "recipients", recipients_json(message, queue));
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    (void)putchar('\n');
    json_decref(line);
}

/* --- for people --- */

static void append_value(struct text *text, const char *before, const char *value)
{
    text_append_c(text, before);
    text_append_escaped(text, slice_of(value), VALUE_MAX);
}

static void print_text(json_t *message)
{
    struct text text = text_with_ceiling(LINE_MAX_BYTES);
    json_t *address;
    size_t index;
    text_append_format(&text, "%lld  %-8s  %.*s  %lld bytes",
                       (long long)json_integer_value(json_object_get(message, "InternalId")),
                       queue_of(message), TIME_BYTES, word(message, "DateReceived"),
                       (long long)json_integer_value(json_object_get(message, "Size")));
    append_value(&text, "  ", sender_of(message));
    append_value(&text, "\n    ", word(message, "Why"));
    json_array_foreach(json_object_get(message, "Recipients"), index, address)
        append_value(&text, "\n    to ", json_string_value(address));
    printf("%.*s\n", SLICE_ARG(text_slice(&text)));
    text_deinit(&text);
}

/* --- page by page --- */

static json_t *page_behind(json_t *last)
{
    json_t *parameters = json_object();
    json_object_set_new(parameters, "ResultSize", json_integer(PAGE_MESSAGES));
    if (!last)
        return parameters;
    json_object_set(parameters, "BookmarkObject", json_object_get(last, "Identity"));
    json_object_set_new(parameters, "IncludeBookmark", json_string("$false"));
    return parameters;
}

static void print_page(json_t *objects, bool as_json, struct totals *totals)
{
    json_t *message;
    size_t index;
    json_array_foreach(objects, index, message)
    {
        totals->messages++;
        totals->bytes += (uint64_t)json_integer_value(json_object_get(message, "Size"));
        if (as_json)
            print_json(message);
        else
            print_text(message);
    }
}

static void print_totals(const struct totals *totals)
{
    if (totals->messages == 0)
        puts("The queue is empty.");
    else
        printf("-- %llu KiB in %llu message%s\n", (unsigned long long)(totals->bytes + 1023) / 1024,
               (unsigned long long)totals->messages, totals->messages == 1 ? "" : "s");
}

int queue_list_print(const struct place *place, bool as_json)
{
    struct totals totals = {0};
    json_t *last = NULL;
    size_t shown = PAGE_MESSAGES;
    int exit_code = OPERATION_OK;
    while (exit_code == OPERATION_OK && shown == PAGE_MESSAGES && !ferror(stdout)) {
        json_t *parameters = page_behind(last);
        json_t *reply = command_ask(place, OPERATION_GET_MESSAGE, parameters, &exit_code);
        json_t *objects = json_object_get(reply, "objects");
        shown = json_array_size(objects);
        print_page(objects, as_json, &totals);
        json_decref(last);
        last = shown ? json_incref(json_array_get(objects, shown - 1)) : NULL;
        if (reply && exit_code != OPERATION_OK)
            command_show(reply, &operations[OPERATION_GET_MESSAGE], FORMAT_DEFAULT, exit_code);
        json_decref(reply);
        json_decref(parameters);
    }
    json_decref(last);
    if (exit_code == OPERATION_OK && !as_json)
        print_totals(&totals);
    return exit_code;
}
