/* SPDX-License-Identifier: Apache-2.0 */
/* Get-MessageTrackingLog: the files are read on the thread for it, row by row, and only what is
 * asked for is kept. */
#include "base/calendar.h"
#include "base/log_row.h"
#include "base/number.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/log_search.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/logs.h"
#include "model/tracking_filter.h"
#include "os/log_file.h"

#include <stdlib.h>

struct search {
    struct log_search base;
    struct tracking_filter filter;
    struct slice recipients[CALL_LIST_MAX];
    struct text scratch; /* over `quoted`: fields of the row point into it */
    json_t *found;
    size_t left, bytes_left;
    bool more; /* than were asked for */
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

static bool take(struct log_search *base, struct slice line)
{
    struct search *search = (struct search *)base;
    struct slice fields[LOG_COLUMNS_MAX];
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

/* --- on the loop --- */

static void show(struct log_search *base)
{
    struct search *search = (struct search *)base;
    json_array_extend(base->call->objects, search->found);
    if (search->more)
        call_warn(base->call,
                  "There are more rows than these %zu; ask for a shorter time, or use "
                  "-ResultSize.",
                  json_array_size(search->found));
}

static void release(struct log_search *base)
{
    struct search *search = (struct search *)base;
    json_decref(search->found);
    free(search);
}

/* --- what is asked --- */

static bool read_texts(struct search *search)
{
    struct call *call = search->base.call;
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
        good = log_search_text(&search->base, call_text(call, texts[i].name), texts[i].value);
    for (size_t i = 0; good && i < count; i++)
        good = log_search_text(&search->base, recipients[i], &search->recipients[i]);
    search->filter.recipients = search->recipients;
    search->filter.recipient_count = count;
    if (!good)
        call_fail(call, OPERATION_USAGE, "what is looked for has at most 2,000 characters");
    return good;
}

/* A number, also as a script has it from a row. */
static bool read_internal_id(struct search *search)
{
    const json_t *value = json_object_get(search->base.call->parameters, "InternalMessageId");
    struct text *digits = &search->internal_id;
    *digits = text_over(search->digits, sizeof search->digits);
    if (json_is_integer(value))
        text_append_i64(digits, json_integer_value(value));
    else
        text_append(digits, slice_first(call_text(search->base.call, "InternalMessageId"), 20));
    search->filter.internal_id = text_slice(digits);
    uint64_t number;
    if (digits->len == 0 || number_parse_u64(text_slice(digits), UINT64_MAX, &number))
        return true;
    call_fail(search->base.call, OPERATION_USAGE,
              "-InternalMessageId is a number, as InternalMessageId of a row");
    return false;
}

/* Without a time, everything that is kept. */
static bool read_times(struct search *search)
{
    struct log_search *base = &search->base;
    if (!call_period(base->call, "Start", "End", &base->from_ms, &base->until_ms))
        return false;
    tracking_filter_between(&search->filter, base->from_ms, base->until_ms);
    return true;
}

/* False: the call has failed. */
static bool prepare(struct search *search)
{
    struct call *call = search->base.call;
    int64_t most;
    if (!call_result_size(call, LOG_SEARCH_RESULTS_MAX, LOG_SEARCH_RESULTS, &most) ||
        !read_times(search) || !read_texts(search) || !read_internal_id(search))
        return false;
    if (!transport_service_tracks(call->hub->model))
        call_warn(call, "the message tracking log is not written at the moment: "
                        "Set-TransportService -MessageTrackingLogEnabled $true");
    search->left = (size_t)most;
    search->bytes_left = LOG_SEARCH_BYTES_MAX;
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
    search->base = (struct log_search){
        .name = "message tracking log", .take = take, .show = show, .release = release};
    log_search_init(&search->base, call, LOG_MESSAGE_TRACKING);
    search->found = json_array();
    search->scratch = text_over(search->quoted, sizeof search->quoted);
    if (prepare(search))
        log_search_run(&search->base);
    else
        log_search_end(&search->base);
}
