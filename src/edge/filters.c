/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/filters.h"

#include "edge/answer.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"
#include "milter/header.h"
#include "os/descriptor.h"

#include <stdlib.h>

static const struct slice unavailable =
    SLICE_INIT("451 4.7.1 Content filter not available - try again later");

/* --- life --- */

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct filters *filters = context;
    filter_fail(&filters->all[filters->at], "asks for time again and again");
    filters_moved(filters);
}

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
    timer_init(&filters->limit, connection->edge->role.loop, on_limit, filters);
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

/* --- what they say --- */

static void report(struct filters *filters, const struct filter *filter, const char *what,
                   struct slice words)
{
    char storage[1024];
    struct text line = text_over(storage, sizeof storage);
    const char *at = filter->milter.at;
    text_append(&line, filter->endpoint);
    text_append_format(&line, " %s%s", what, words.len ? ": " : "");
    text_append_escaped(&line, words, FILTERS_REASON_MAX);
    protocol_log_note(filters->connection, text_slice(&line), at[0] ? at : "content filter");
}

static void report_failure(struct filters *filters, struct filter *filter)
{
    if (filter->told)
        return;
    filter->told = true;
    report(filters, filter, filter->milter.fault, (struct slice){0});
    bool goes_on = filters->connection->connector->milter_failure_action == MILTER_FAILURE_ACCEPT &&
                   !filter->dropped;
    refusal_report_filter(filters->connection, filter->endpoint, filter->milter.fault, goes_on);
}

/* True: its word ends the question. */
static bool judge(struct filters *filters, struct filter *filter)
{
    static const char *const names[] = {[MILTER_REJECT] = "rejects",
                                        [MILTER_TEMPFAIL] = "rejects for now",
                                        [MILTER_DISCARD] = "discards the message"};
    enum milter_verdict verdict = filter->milter.verdict;
    text_clear(&filters->words);
    if (filter_has_failed(filter)) {
        report_failure(filters, filter);
        if (filters->connection->connector->milter_failure_action == MILTER_FAILURE_ACCEPT &&
            !filter->dropped)
            return false;
        filters->verdict = MILTER_TEMPFAIL;
        text_append(&filters->words, unavailable);
        return true;
    }
    if (filters->question == FILTERS_END && filter->milter.changes)
        report(filters, filter, "changes the message", (struct slice){0});
    if (verdict == MILTER_CONTINUE || verdict == MILTER_ACCEPT)
        return false;
    filters->verdict = verdict;
    if (verdict != MILTER_DISCARD)
        text_append(&filters->words, milter_reply(&filter->milter));
    report(filters, filter, names[verdict], text_slice(&filters->words));
    return true;
}

/* --- one question after the other --- */

static void ask(struct filters *filters)
{
    struct filter *filter = &filters->all[filters->at];
    switch (filters->question) {
    case FILTERS_MAIL:
        filter_mail(filter);
        return;
    case FILTERS_RECIPIENT:
        milter_recipient(&filter->milter);
        break;
    case FILTERS_END:
        milter_message_end(&filter->milter);
        break;
    case FILTERS_NOTHING:
        return;
    }
    filter_settle(filter);
}

/* True: the question is answered. */
static bool advance(struct filters *filters)
{
    while (filters->at < filters->count) {
        struct filter *filter = &filters->all[filters->at];
        if (!filter_is_settled(filter))
            return false;
        if (judge(filters, filter))
            break;
        if (++filters->at < filters->count)
            ask(filters);
    }
    filters->question = FILTERS_NOTHING;
    timer_stop(&filters->limit);
    return true;
}

static bool begin(struct connection *connection, enum filters_question question)
{
    struct filters *filters = connection->filters;
    if (!filters)
        return false;
    filters->question = question;
    filters->verdict = MILTER_CONTINUE;
    filters->at = 0;
    timer_set(&filters->limit,
              FILTERS_QUESTION_FACTOR * (uint64_t)connection->connector->milter_timeout_ms);
    ask(filters);
    connection->asked = !advance(filters);
    return connection->asked;
}

bool filters_ask_mail(struct connection *connection, struct slice sender)
{
    if (connection->filters)
        filter_facts_of_sender(connection->filters, sender);
    return begin(connection, FILTERS_MAIL);
}

void filters_name_recipient(struct connection *connection, struct slice mailbox, bool local)
{
    if (connection->filters)
        filter_facts_of_recipient(connection->filters, mailbox, local);
}

bool filters_ask_recipient(struct connection *connection)
{
    return begin(connection, FILTERS_RECIPIENT);
}

/* What comes to nothing is no filter told of any more. */
static bool streams(const struct connection *connection)
{
    const struct transaction *transaction = connection->transaction;
    return connection->filters && !transaction->refused && !transaction->discarded_by.len;
}

bool filters_ask_end(struct connection *connection)
{
    return streams(connection) && begin(connection, FILTERS_END);
}

bool filters_busy(const struct connection *connection)
{
    return connection->filters && connection->filters->question != FILTERS_NOTHING;
}

bool filters_refuse(struct connection *connection, struct slice *out_words)
{
    struct filters *filters = connection->filters;
    if (!filters || filters->verdict == MILTER_CONTINUE)
        return false;
    if (filters->verdict == MILTER_DISCARD) {
        connection->transaction->discarded_by = filters->all[filters->at].endpoint;
        return false;
    }
    *out_words = text_slice(&filters->words);
    return true;
}

static bool is_full(const struct filters *filters)
{
    for (size_t i = 0; i < filters->count; i++)
        if (milter_full(&filters->all[i].milter))
            return true;
    return false;
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

void filters_moved(struct filters *filters)
{
    struct connection *connection = filters->connection;
    if (connection->asked)
        session_activity(&connection->session, loop_now_ms(connection->edge->role.loop));
    if (filters->question != FILTERS_NOTHING) {
        if (advance(filters))
            answer_filtered(connection);
    } else if (filters->holds && !is_full(filters)) {
        filters->holds = false;
        connection_unblocked(connection);
    }
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

/* --- the message as it streams --- */

void filters_trace(struct connection *connection, struct slice field)
{
    if (!streams(connection))
        return;
    struct filters *filters = connection->filters;
    text_append(&filters->trace, field);
    for (size_t i = 0; i < filters->count; i++) {
        milter_data(&filters->all[i].milter);
        filter_settle(&filters->all[i]);
    }
}

void filters_header(struct connection *connection, struct slice piece)
{
    if (streams(connection))
        text_append(&connection->filters->header, piece);
}

static void tell_header(struct filters *filters, struct filter *filter)
{
    struct slice rest = text_slice(&filters->header);
    struct text value = text_with_ceiling(FILTERS_HEADER_MAX);
    struct header_field field;
    while (header_take(&rest, &field)) {
        text_clear(&value);
        header_append_value(&value, field.value,
                            (filter->milter.steps & MILTER_LEADING_SPACE) != 0);
        milter_header(&filter->milter, field.name, text_slice(&value));
    }
    text_deinit(&value);
    milter_header_end(&filter->milter);
}

void filters_header_end(struct connection *connection, uint64_t keep_from)
{
    if (!streams(connection))
        return;
    struct filters *filters = connection->filters;
    filters->keep_from = keep_from;
    for (size_t i = 0; i < filters->count; i++) {
        struct filter *filter = &filters->all[i];
        if (filter_has_failed(filter))
            continue;
        if (filters->header.truncated)
            filter_fail(filter, "cannot be told of so long a header");
        else
            tell_header(filters, filter);
        filter_settle(filter);
    }
}

void filters_body(struct connection *connection, struct slice piece)
{
    if (!streams(connection))
        return;
    struct filters *filters = connection->filters;
    for (size_t i = 0; i < filters->count; i++) {
        milter_body(&filters->all[i].milter, piece);
        filter_settle(&filters->all[i]);
    }
}
