/* SPDX-License-Identifier: Apache-2.0 */
/* Get-MessageTrackingLog: the files are read on the thread for it, row by row, and only what is
 * asked for is kept. */
#include "base/calendar.h"
#include "base/log_row.h"
#include "base/number.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/logs.h"
#include "model/tracking_filter.h"
#include "os/log_file.h"

#include <stdlib.h>
#include <string.h>

enum {
    RESULT_SIZE_DEFAULT = 1000,
    RESULT_SIZE_MAX = 10000,
    RESULT_BYTES_MAX = 16 << 20, /* of rows, whatever ResultSize says */
    FILTER_BYTES_MAX = 64 << 10,
};

struct search {
    struct call *call;
    struct tracking_filter filter;
    int64_t from_ms, until_ms;
    struct slice recipients[CALL_LIST_MAX];
    struct arena arena; /* of the filter's texts */
    int folder_fd;
    struct text scratch; /* over `quoted`: fields of the row point into it */
    json_t *found;
    size_t left, bytes_left;
    bool more; /* than were asked for */
    int result;
    struct text internal_id;
    char digits[32];
    char quoted[LOG_LINE_MAX];
};

/* --- on the reading thread --- */

static json_t *value_of(const struct log_column *column, struct slice field)
{
    uint64_t number;
    if (column->kind == LOG_COLUMN_LIST)
        return json_of_field_list(field);
    if (column->kind == LOG_COLUMN_NUMBER && number_parse_u64(field, INT64_MAX, &number))
        return json_integer((json_int_t)number);
    return json_of_slice(field);
}

static json_t *object_of(const struct slice *fields)
{
    const struct log_column *columns = log_facts(LOG_MESSAGE_TRACKING)->columns;
    json_t *object = json_object();
    for (size_t i = 0; columns[i].name; i++)
        if (columns[i].property)
            json_object_set_new(object, columns[i].property, value_of(&columns[i], fields[i]));
    return object;
}

static bool on_line(void *context, struct slice line)
{
    struct search *search = context;
    struct slice fields[LOG_COLUMNS_MAX];
    if (logs_are_ending(search->call->hub))
        return false;
    if (!tracking_filter_takes(&search->filter, line, &search->scratch, fields))
        return true;
    search->more = search->left == 0 || line.len > search->bytes_left;
    if (search->more)
        return false;
    search->left--;
    search->bytes_left -= line.len;
    json_array_append_new(search->found, object_of(fields));
    return true;
}

static void run_search(void *context)
{
    struct search *search = context;
    search->result =
        log_files_read(search->folder_fd, log_facts(LOG_MESSAGE_TRACKING)->prefix,
                       log_day(search->from_ms), log_day(search->until_ms), on_line, search);
}

/* --- on the loop --- */

static void search_free(struct search *search)
{
    json_decref(search->found);
    arena_deinit(&search->arena);
    free(search);
}

static void on_searched(void *context, bool ran)
{
    struct search *search = context;
    struct call *call = search->call;
    bool whole = ran && !logs_are_ending(call->hub);
    if (whole && search->result == 0) {
        json_array_extend(call->objects, search->found);
        if (search->more)
            call_warn(call,
                      "There are more rows than these %zu; ask for a shorter time, or use "
                      "-ResultSize.",
                      json_array_size(search->found));
        call_done(call);
    } else {
        call_fail(call, OPERATION_FAILED, "the message tracking log cannot be read: %s",
                  whole ? strerror(-search->result) : "the server is ending");
    }
    search_free(search);
}

/* --- what is asked --- */

/* A text as the log shows it. */
static bool shown(struct search *search, struct slice written, struct slice *out)
{
    char storage[2048];
    struct text text = text_over(storage, sizeof storage);
    return log_value_append(&text, written, written.len) &&
           arena_copy(&search->arena, text_slice(&text), out);
}

static bool read_texts(struct search *search)
{
    struct call *call = search->call;
    struct tracking_filter *filter = &search->filter;
    const struct {
        const char *name;
        struct slice *value;
    } texts[] = {
        {"Sender", &filter->sender},         {"MessageId", &filter->message_id},
        {"EventId", &filter->event},         {"Source", &filter->source},
        {"Reference", &filter->reference},   {"MessageSubject", &filter->subject},
        {"ConnectorId", &filter->connector},
    };
    struct slice recipients[CALL_LIST_MAX];
    size_t count = call_list(call, "Recipients", recipients, CALL_LIST_MAX);
    bool good = true;
    for (size_t i = 0; good && i < COUNT_OF(texts); i++)
        good = shown(search, call_text(call, texts[i].name), texts[i].value);
    for (size_t i = 0; good && i < count; i++)
        good = shown(search, recipients[i], &search->recipients[i]);
    search->filter.recipients = search->recipients;
    search->filter.recipient_count = count;
    if (!good)
        call_fail(call, OPERATION_USAGE, "what is looked for has at most 2,000 characters");
    return good;
}

/* A number, also as a script has it from a row. */
static bool read_internal_id(struct search *search)
{
    const json_t *value = json_object_get(search->call->parameters, "InternalMessageId");
    struct text *digits = &search->internal_id;
    *digits = text_over(search->digits, sizeof search->digits);
    if (json_is_integer(value))
        text_append_i64(digits, json_integer_value(value));
    else
        text_append(digits, slice_first(call_text(search->call, "InternalMessageId"), 20));
    search->filter.internal_id = text_slice(digits);
    uint64_t number;
    if (digits->len == 0 || number_parse_u64(text_slice(digits), UINT64_MAX, &number))
        return true;
    call_fail(search->call, OPERATION_USAGE,
              "-InternalMessageId is a number, as InternalMessageId of a row");
    return false;
}

/* Without a time, everything that is kept. */
static bool read_times(struct search *search)
{
    if (!call_period(search->call, "Start", "End", &search->from_ms, &search->until_ms))
        return false;
    tracking_filter_between(&search->filter, search->from_ms, search->until_ms);
    return true;
}

/* False: the call has failed. */
static bool prepare(struct search *search)
{
    int64_t most;
    if (!call_result_size(search->call, RESULT_SIZE_MAX, RESULT_SIZE_DEFAULT, &most) ||
        !read_times(search) || !read_texts(search) || !read_internal_id(search))
        return false;
    if (!transport_service_tracks(search->call->hub->model))
        call_warn(search->call, "the message tracking log is not written at the moment: "
                                "Set-TransportService -MessageTrackingLogEnabled $true");
    search->left = (size_t)most;
    search->bytes_left = RESULT_BYTES_MAX;
    search->folder_fd = logs_folder_fd(search->call->hub, LOG_MESSAGE_TRACKING);
    return true;
}

void message_tracking_log_get(struct call *call)
{
    struct search *search = calloc(1, sizeof *search);
    if (!search) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the search");
        return;
    }
    if (!operation_server_is_this(call, "Server")) {
        free(search);
        return;
    }
    search->call = call;
    search->found = json_array();
    search->arena = arena_with_ceiling(FILTER_BYTES_MAX);
    search->scratch = text_over(search->quoted, sizeof search->quoted);
    if (prepare(search)) {
        if (logs_read(call->hub, run_search, on_searched, search))
            return;
        call_fail(call, OPERATION_FAILED,
                  "too many are reading the logs at the moment; try again in a few seconds");
    }
    search_free(search);
}
