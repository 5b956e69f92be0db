/* SPDX-License-Identifier: Apache-2.0 */
/* The message as it comes from the client: one filter hears it at once, the header section is kept
 * for all. */
#include "edge/filters_inner.h"
#include "milter/header.h"

bool filter_stream_is_open(const struct connection *connection)
{
    const struct transaction *transaction = connection->transaction;
    return connection->filters && !transaction->refused && !transaction->discarded_by.len;
}

/* --- a filter that is slower than the client --- */

static bool is_full(const struct filters *filters)
{
    return filters->streamed && milter_full(&filters->streamed->milter);
}

bool filters_hold(struct connection *connection)
{
    struct filters *filters = connection->filters;
    if (!filters)
        return false;
    filters->holds = is_full(filters);
    connection->blocked |= filters->holds;
    return filters->holds;
}

void filter_stream_moved(struct filters *filters)
{
    if (!filters->holds || is_full(filters))
        return;
    filters->holds = false;
    connection_unblocked(filters->connection);
}

/* --- what it hears --- */

/* All are told that data comes. What those in front have no ear for they do not change, so the
 * first that listens hears the message as it comes. */
void filters_trace(struct connection *connection, struct slice field)
{
    if (!filter_stream_is_open(connection))
        return;
    struct filters *filters = connection->filters;
    text_append(&filters->trace, field);
    for (size_t i = filters->count; i-- > 0;) {
        struct filter *filter = &filters->all[i];
        milter_data(&filter->milter);
        filter_settle(filter);
        if (filter_listens(filter))
            filters->streamed = filter;
    }
}

void filters_header(struct connection *connection, struct slice piece)
{
    if (filter_stream_is_open(connection))
        text_append(&connection->filters->header, piece);
}

void filter_stream_tell_header(struct filters *filters, struct filter *filter)
{
    struct slice rest = text_slice(&filters->header);
    struct text value = text_with_ceiling(FILTERS_HEADER_MAX);
    struct header_field field;
    if (filters->header.truncated)
        filter_fail(filter, "cannot be told of so long a header");
    while (header_take(&rest, &field)) {
        text_clear(&value);
        header_append_value(&value, field.value,
                            (filter->milter.steps & MILTER_LEADING_SPACE) != 0);
        milter_header(&filter->milter, field.name, text_slice(&value));
    }
    text_deinit(&value);
    milter_header_end(&filter->milter);
    filter_settle(filter);
}

void filters_header_end(struct connection *connection, uint64_t keep_from)
{
    if (!filter_stream_is_open(connection))
        return;
    struct filters *filters = connection->filters;
    filters->keep_from = keep_from;
    if (filters->streamed)
        filter_stream_tell_header(filters, filters->streamed);
}

void filters_body(struct connection *connection, struct slice piece)
{
    if (!filter_stream_is_open(connection) || !connection->filters->streamed)
        return;
    struct filter *filter = connection->filters->streamed;
    milter_body(&filter->milter, piece);
    filter_settle(filter);
}
