/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/txt_lookup.h"

#include <stdlib.h>

enum { RECORDS_BYTES_MAX = 8192 };

struct txt_lookup {
    struct txt_lookup *next, **link;
    struct channel *hub;
    uint64_t request;
    struct dns_query query;
};

static void answer_failed(struct channel *hub, uint64_t request, struct slice why)
{
    struct wire_txt_answer answer = {
        .request = request, .outcome = WIRE_TXT_FAILED, .why = slice_first(why, DNS_WHY_MAX)};
    channel_send(hub, WIRE_TXT_ANSWER, &answer, -1);
}

/* A record that does not fit is left out, and a line end in one is a blank: each is a line. */
static void append_records(struct text *out, const struct dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        struct slice record = answer->records[i].data;
        if (record.len >= out->ceiling - out->len)
            continue;
        for (size_t k = 0; k < record.len; k++)
            text_append_byte(out, record.at[k] == '\n' ? ' ' : record.at[k]);
        text_append_byte(out, '\n');
    }
}

static void answer_found(const struct txt_lookup *lookup, const struct dns_result *result)
{
    struct text records = text_with_ceiling(RECORDS_BYTES_MAX);
    append_records(&records, &result->answer);
    struct wire_txt_answer answer = {
        .request = lookup->request, .outcome = WIRE_TXT_FOUND, .records = text_slice(&records)};
    channel_send(lookup->hub, WIRE_TXT_ANSWER, &answer, -1);
    text_deinit(&records);
}

static void lookup_free(struct txt_lookup *lookup)
{
    dns_query_cancel(&lookup->query);
    *lookup->link = lookup->next;
    if (lookup->next)
        lookup->next->link = lookup->link;
    free(lookup);
}

static void on_answer(void *context, const struct dns_result *result)
{
    struct txt_lookup *lookup = context;
    struct wire_txt_answer nothing = {.request = lookup->request, .outcome = WIRE_TXT_NOTHING};
    if (result->outcome == DNS_FOUND)
        answer_found(lookup, result);
    else if (result->outcome == DNS_NO_DATA || result->outcome == DNS_NO_NAME)
        channel_send(lookup->hub, WIRE_TXT_ANSWER, &nothing, -1);
    else
        answer_failed(lookup->hub, lookup->request, result->why);
    lookup_free(lookup);
}

void txt_lookup_start(struct txt_lookup **list, struct resolver *resolver, struct channel *hub,
                      const struct wire_txt_question *question)
{
    struct txt_lookup *lookup = resolver ? calloc(1, sizeof *lookup) : NULL;
    if (!lookup) {
        answer_failed(hub, question->request, SLICE("the courier cannot look up names"));
        return;
    }
    lookup->hub = hub;
    lookup->request = question->request;
    lookup->next = *list;
    lookup->link = list;
    if (lookup->next)
        lookup->next->link = &lookup->next;
    *list = lookup;
    if (dns_query_start(&lookup->query, resolver, question->name, DNS_TXT, TXT_LOOKUP_LIMIT_MS,
                        on_answer, lookup) == 0)
        return;
    answer_failed(hub, question->request, SLICE("the question cannot be asked"));
    lookup_free(lookup);
}

void txt_lookups_drop(struct txt_lookup **list)
{
    while (*list)
        lookup_free(*list);
}
