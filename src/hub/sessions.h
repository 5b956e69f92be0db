/* SPDX-License-Identifier: Apache-2.0 */
/* sessions - asking all edges about their live sessions, and gathering what they answer.
 *
 * Every edge answers with any number of states, at most as many as were asked for, and a last word.
 * Who has not said it within a second is not waited for. An edge that says more than it was asked
 * is to be ended.
 */
#ifndef HUB_SESSIONS_H
#define HUB_SESSIONS_H

#include "hub/state.h"

struct sessions_events {
    void (*state)(void *context, const struct wire_session_state *state);
    /* Exactly once. `more`: an edge has more of them; `silent`: edges that did not answer. */
    void (*done)(void *context, bool more, size_t silent);
    void *context;
};

/* `question.request` is filled in. False without memory; nothing is called then. `done` may be
 * called before it returns. */
MUST_USE bool sessions_ask(struct hub *hub, struct wire_sessions_question question,
                           const struct sessions_events *events);
/* A frame of an edge that is an answer. False: nobody asked for it. */
MUST_USE bool sessions_frame(struct hub *hub, const struct peer *edge, const struct frame *frame);
void sessions_edge_lost(struct hub *hub, const struct peer *edge);
void sessions_end(struct hub *hub); /* all that is open is done now */

#endif
