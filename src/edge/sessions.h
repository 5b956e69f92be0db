/* SPDX-License-Identifier: Apache-2.0 */
/* sessions - what this edge says to the hub of its live sessions, and which of them it ends. */
#ifndef EDGE_SESSIONS_H
#define EDGE_SESSIONS_H

#include "edge/state.h"

void sessions_answer(struct edge *edge, const struct wire_sessions_question *question);

#endif
