/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ocsp_fetch.h"

#include "tls/ocsp_question.h"

#include <stdlib.h>

struct ocsp_fetch {
    struct ocsp_fetch *next, **link;
    struct channel *hub;
    uint64_t number;
    struct text question;
    struct https_request request;
};

static void answer_nothing(struct channel *hub, uint64_t number, struct slice why)
{
    struct wire_ocsp_answer answer = {.request = number,
                                      .why = slice_first(why, WIRE_OCSP_WHY_MAX)};
    channel_send(hub, WIRE_OCSP_ANSWER, &answer, -1);
}

static void fetch_free(struct ocsp_fetch *fetch)
{
    https_cancel(&fetch->request);
    *fetch->link = fetch->next;
    if (fetch->next)
        fetch->next->link = fetch->link;
    text_deinit(&fetch->question);
    free(fetch);
}

static void on_fetched(void *context, const struct https_result *result)
{
    struct ocsp_fetch *fetch = context;
    struct wire_ocsp_answer answer = {.request = fetch->number, .response = result->body};
    if (result->outcome != HTTPS_OK)
        answer_nothing(fetch->hub, fetch->number, result->why);
    else if (!result->body.len || result->body.len > WIRE_OCSP_RESPONSE_MAX)
        answer_nothing(fetch->hub, fetch->number, SLICE("the answer is empty, or too long"));
    else
        channel_send(fetch->hub, WIRE_OCSP_ANSWER, &answer, -1);
    fetch_free(fetch);
}

static void ask(struct ocsp_fetch *fetch, struct https *https,
                const struct wire_ocsp_question *question)
{
    const struct https_question asked = {.url = question->responder,
                                         .may_be_clear = true,
                                         .public_only = question->public_only != 0,
                                         .kind = "application/ocsp-response",
                                         .post = text_slice(&fetch->question),
                                         .post_kind = "application/ocsp-request"};
    https_ask(&fetch->request, https, &asked, on_fetched, fetch);
}

void ocsp_fetch_start(struct ocsp_fetch **list, struct https *https, struct channel *hub,
                      const struct wire_ocsp_question *question)
{
    struct ocsp_fetch *fetch = https ? calloc(1, sizeof *fetch) : NULL;
    if (!fetch) {
        answer_nothing(hub, question->request, SLICE("the courier cannot fetch anything"));
        return;
    }
    fetch->hub = hub;
    fetch->number = question->request;
    fetch->question = text_with_ceiling(OCSP_QUESTION_MAX);
    fetch->next = *list;
    fetch->link = list;
    if (fetch->next)
        fetch->next->link = &fetch->next;
    *list = fetch;
    if (ocsp_question_append(question->certificate, question->issuer, &fetch->question)) {
        ask(fetch, https, question);
        return;
    }
    answer_nothing(hub, question->request, SLICE("the certificate cannot be asked about"));
    fetch_free(fetch);
}

void ocsp_fetches_drop(struct ocsp_fetch **list)
{
    while (*list)
        fetch_free(*list);
}
