/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tracking_filter.h"

#include "base/calendar.h"
#include "base/log_row.h"

#include <string.h>

static const int64_t first_ms = -62135596800000; /* 0001-01-01 */
static const int64_t last_ms = 253402300799999;  /* 9999-12-31T23:59:59.999 */

static void put_time(char out[TRACKING_TIME_BYTES], int64_t at_ms)
{
    int64_t within = at_ms < first_ms ? first_ms : at_ms > last_ms ? last_ms : at_ms;
    struct text text = text_over(out, TRACKING_TIME_BYTES);
    calendar_append_rfc3339(&text, within);
}

void tracking_filter_between(struct tracking_filter *filter, int64_t from_ms, int64_t until_ms)
{
    put_time(filter->from, from_ms);
    put_time(filter->until, until_ms);
}

/* Written alike, moments are in the order of their texts. */
bool tracking_filter_within(const struct tracking_filter *filter, struct slice line)
{
    struct slice time = slice_first(line, TRACKING_TIME_BYTES);
    return slice_compare(time, (struct slice){filter->from, TRACKING_TIME_BYTES}) >= 0 &&
           slice_compare(time, (struct slice){filter->until, TRACKING_TIME_BYTES}) <= 0;
}

static struct slice without_brackets(struct slice id)
{
    bool bracketed = id.len >= 2 && id.at[0] == '<' && id.at[id.len - 1] == '>';
    return bracketed ? slice_first(slice_after(id, 1), id.len - 2) : id;
}

static bool is_among(struct slice list, const struct tracking_filter *filter)
{
    struct slice one;
    while (slice_take_field(&list, ';', &one))
        for (size_t i = 0; i < filter->recipient_count; i++)
            if (slice_equal_nocase(one, filter->recipients[i]))
                return true;
    return filter->recipient_count == 0;
}

static struct slice field(const struct slice *fields, const char *name)
{
    return fields[log_column_index(LOG_MESSAGE_TRACKING, slice_of(name))];
}

static bool equal_if_asked(struct slice asked, struct slice value)
{
    return asked.len == 0 || slice_equal_nocase(asked, value);
}

static bool holds_nocase(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.len <= text.len; at++)
        if (slice_equal_nocase(slice_first(slice_after(text, at), part.len), part))
            return true;
    return false;
}

static bool is_connector(struct slice asked, struct slice value)
{
    struct slice rest = value, server;
    bool named = slice_take_until(&rest, '\\', &server);
    return equal_if_asked(asked, value) || (named && slice_equal_nocase(asked, rest));
}

static bool fields_fit(const struct tracking_filter *filter, const struct slice *fields)
{
    return equal_if_asked(filter->event, field(fields, "event-id")) &&
           equal_if_asked(filter->source, field(fields, "source")) &&
           equal_if_asked(filter->sender, field(fields, "sender-address")) &&
           equal_if_asked(filter->internal_id, field(fields, "internal-message-id")) &&
           equal_if_asked(filter->reference, field(fields, "reference")) &&
           equal_if_asked(without_brackets(filter->message_id),
                          without_brackets(field(fields, "message-id"))) &&
           is_connector(filter->connector, field(fields, "connector-id")) &&
           holds_nocase(field(fields, "message-subject"), filter->subject) &&
           is_among(field(fields, "recipient-address"), filter);
}

bool tracking_filter_takes(const struct tracking_filter *filter, struct slice line,
                           struct text *scratch, struct slice out_fields[LOG_COLUMNS_MAX])
{
    size_t columns = 0;
    while (log_facts(LOG_MESSAGE_TRACKING)->columns[columns].name)
        columns++;
    text_clear(scratch);
    if (slice_starts(line, SLICE("#")) || !tracking_filter_within(filter, line) ||
        log_row_split(line, scratch, out_fields, LOG_COLUMNS_MAX) != columns)
        return false;
    return fields_fit(filter, out_fields);
}
