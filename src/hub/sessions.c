/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/sessions.h"

#include <stdlib.h>

enum { ANSWER_WITHIN_MS = 1000 };

struct session_question {
    struct session_question *next;
    struct hub *hub;
    struct sessions_events events;
    uint64_t request;
    uint64_t awaited;              /* a bit per edge that has not said its last word */
    uint64_t left[WIRE_EDGES_MAX]; /* states an edge may still send */
    bool more;
    struct watch limit; /* timer */
};
_Static_assert(WIRE_EDGES_MAX <= 64, "a bit per edge");

static uint64_t bit_of(const struct peer *edge)
{
    return UINT64_C(1) << edge->channel.index;
}

static struct session_question **find(struct hub *hub, uint64_t request)
{
    struct session_question **link = &hub->session_questions;
    while (*link && (*link)->request != request)
        link = &(*link)->next;
    return link;
}

static size_t count_bits(uint64_t bits)
{
    return (size_t)__builtin_popcountll(bits);
}

static void finish(struct session_question *question)
{
    struct session_question **link = find(question->hub, question->request);
    *link = question->next;
    timer_stop(&question->limit);
    question->events.done(question->events.context, question->more, count_bits(question->awaited));
    free(question);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    finish(context);
}

static void edge_is_done(struct session_question *question, const struct peer *edge)
{
    question->awaited &= ~bit_of(edge);
    if (!question->awaited)
        finish(question);
}

bool sessions_ask(struct hub *hub, struct wire_sessions_question message,
                  const struct sessions_events *events)
{
    struct session_question *question = calloc(1, sizeof *question);
    if (!question)
        return false;
    *question = (struct session_question){.next = hub->session_questions,
                                          .hub = hub,
                                          .events = *events,
                                          .request = ++hub->next_request};
    hub->session_questions = question;
    message.request = question->request;
    timer_init(&question->limit, hub->role.loop, on_limit, question);
    timer_set(&question->limit, ANSWER_WITHIN_MS);
    for (size_t i = 0; i < WIRE_EDGES_MAX; i++) {
        struct peer *edge = &hub->edges[i];
        if (!channel_send(&edge->channel, WIRE_SESSIONS_QUESTION, &message, -1))
            continue;
        question->awaited |= bit_of(edge);
        question->left[edge->channel.index] = message.max;
    }
    if (!question->awaited)
        finish(question);
    return true;
}

static bool take_state(struct session_question *question, const struct peer *edge,
                       const struct wire_session_state *state)
{
    uint64_t *left = &question->left[edge->channel.index];
    if (!(question->awaited & bit_of(edge)) || *left == 0)
        return false;
    (*left)--;
    question->events.state(question->events.context, state);
    return true;
}

static bool take_last_word(struct session_question *question, const struct peer *edge,
                           const struct wire_sessions_answered *answered)
{
    if (!(question->awaited & bit_of(edge)))
        return false;
    question->more = question->more || answered->more;
    edge_is_done(question, edge);
    return true;
}

/* An answer to a question that is not open any more came too late; one to a question that never
 * was is a lie. */
bool sessions_frame(struct hub *hub, const struct peer *edge, const struct frame *frame)
{
    bool state = frame->type == WIRE_SESSION_STATE;
    uint64_t request =
        state ? frame->message.session_state.request : frame->message.sessions_answered.request;
    struct session_question *question = *find(hub, request);
    if (!question)
        return request != 0 && request <= hub->next_request;
    return state ? take_state(question, edge, &frame->message.session_state)
                 : take_last_word(question, edge, &frame->message.sessions_answered);
}

void sessions_edge_lost(struct hub *hub, const struct peer *edge)
{
    for (struct session_question *question = hub->session_questions, *next; question;
         question = next) {
        next = question->next;
        if (question->awaited & bit_of(edge))
            edge_is_done(question, edge);
    }
}

void sessions_end(struct hub *hub)
{
    while (hub->session_questions)
        finish(hub->session_questions);
}
