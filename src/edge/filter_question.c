/* SPDX-License-Identifier: Apache-2.0 */
/* One question to all filters, one after the other, and what their words mean. */
#include "edge/answer.h"
#include "edge/filters_inner.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"

static const struct slice unavailable =
    SLICE_INIT("451 4.7.1 Content filter not available - try again later");

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

/* --- one after the other --- */

static void ask(struct filters *filters)
{
    struct filter *filter = &filters->all[filters->at];
    int64_t timeout_ms = filters->connection->connector->milter_timeout_ms;
    timer_set(&filters->limit, FILTERS_QUESTION_FACTOR * (uint64_t)timeout_ms);
    switch (filters->question) {
    case FILTERS_MAIL:
        filter_mail(filter);
        return;
    case FILTERS_RECIPIENT:
        milter_recipient(&filter->milter);
        break;
    case FILTERS_END:
        if (filter == filters->streamed)
            milter_message_end(&filter->milter);
        else
            filter_turn_begin(filters, filter);
        break;
    case FILTERS_NOTHING:
        return;
    }
    filter_settle(filter);
}

/* The hub would not have the message, or what a filter makes of it: nobody need hear more. */
static bool is_in_vain(const struct filters *filters)
{
    return filters->question == FILTERS_END && filters->connection->transaction->refused;
}

/* True: the question is answered. */
static bool advance(struct filters *filters)
{
    while (filters->at < filters->count && !is_in_vain(filters)) {
        struct filter *filter = &filters->all[filters->at];
        if (filter_turn_lasts(filters, filter) || !filter_is_settled(filter))
            return false;
        if (judge(filters, filter))
            break;
        if (++filters->at < filters->count)
            ask(filters);
    }
    filter_turn_forget(filters);
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

bool filters_ask_end(struct connection *connection)
{
    return filter_stream_is_open(connection) && begin(connection, FILTERS_END);
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

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct filters *filters = context;
    filter_fail(&filters->all[filters->at], "takes more time than a question may take");
    filters_moved(filters);
}

void filters_moved(struct filters *filters)
{
    struct connection *connection = filters->connection;
    if (connection->asked)
        session_activity(&connection->session, loop_now_ms(connection->edge->role.loop));
    if (filters->question == FILTERS_NOTHING)
        filter_stream_moved(filters);
    else if (advance(filters))
        answer_filtered(connection);
}

void filter_question_init(struct filters *filters)
{
    timer_init(&filters->limit, filters->connection->edge->role.loop, on_limit, filters);
}
