/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/filters.h"

#include "edge/filters_inner.h"
#include "os/descriptor.h"

#include <stdlib.h>

/* --- life --- */

bool filters_ready(struct connection *connection)
{
    const struct slice_list *milters = &connection->connector->milters;
    if (connection->filters || milters->count == 0)
        return true;
    struct filters *filters = calloc(1, sizeof *filters);
    if (filters)
        filters->all = calloc(milters->count, sizeof *filters->all);
    if (!filters || !filters->all) {
        free(filters);
        return false;
    }
    filters->connection = connection;
    filters->count = milters->count;
    filters->words = text_over(filters->words_storage, sizeof filters->words_storage);
    filters->quarantine = text_over(filters->reason_storage, sizeof filters->reason_storage);
    filters->trace = text_with_ceiling(FILTERS_HEADER_MAX);
    filters->header = text_with_ceiling(FILTERS_HEADER_MAX);
    filter_question_init(filters);
    for (size_t i = 0; i < milters->count; i++)
        filter_init(&filters->all[i], filters, (unsigned)i, milters->at[i]);
    filter_facts_of_session(filters);
    connection->filters = filters;
    return true;
}

static void forget_message(struct filters *filters)
{
    filters->question = FILTERS_NOTHING;
    filters->changed = filters->holds = false;
    filters->replacer = NULL;
    filters->keep_from = 0;
    filters->streamed = NULL;
    filter_turn_forget(filters);
    timer_stop(&filters->limit);
    text_deinit(&filters->trace);
    text_deinit(&filters->header);
    filters->trace = text_with_ceiling(FILTERS_HEADER_MAX);
    filters->header = text_with_ceiling(FILTERS_HEADER_MAX);
    text_clear(&filters->quarantine);
}

void filters_message_over(struct connection *connection)
{
    struct filters *filters = connection->filters;
    if (!filters)
        return;
    forget_message(filters);
    for (size_t i = 0; i < filters->count; i++) {
        struct filter *filter = &filters->all[i];
        if (!filter->begun || filter_has_failed(filter))
            continue;
        milter_abort(&filter->milter);
        filter_settle(filter);
    }
}

void filters_free(struct connection *connection)
{
    struct filters *filters = connection->filters;
    connection->filters = NULL;
    if (!filters)
        return;
    for (size_t i = 0; i < filters->count; i++)
        filter_end(&filters->all[i]);
    forget_message(filters);
    free(filters->all);
    free(filters);
}

/* --- connecting --- */

static struct filter *find(struct connection *connection, uint64_t session_id, uint64_t number)
{
    struct filters *filters = connection->filters;
    bool meant = filters && session_id == connection->session_id && number < filters->count;
    return meant && filters->all[number].asked ? &filters->all[number] : NULL;
}

void filters_connected(struct connection *connection, const struct wire_filter_connected *answer,
                       int fd)
{
    struct filter *filter = find(connection, answer->session_id, answer->number);
    if (!filter) {
        close_fd(&fd);
        return;
    }
    filter_connected(filter, fd);
    filters_moved(filter->filters);
}

void filters_unreachable(struct connection *connection,
                         const struct wire_filter_unreachable *answer)
{
    struct filter *filter = find(connection, answer->session_id, answer->number);
    if (!filter)
        return;
    struct text why = text_over(filter->why, sizeof filter->why - 1);
    text_append_c(&why, "cannot be reached: ");
    text_append_escaped(&why, answer->text, FILTER_WHY_MAX / 2);
    filter->why[why.len] = '\0';
    filter_fail(filter, filter->why);
    filters_moved(filter->filters);
}
