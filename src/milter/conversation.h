/* SPDX-License-Identifier: Apache-2.0 */
/* conversation - what milter.c and answer.c share. */
#ifndef MILTER_CONVERSATION_H
#define MILTER_CONVERSATION_H

#include "milter/milter.h"
#include "milter/packet.h"

/* A packet of the filter. */
void answer_take(struct milter *milter, const struct packet *packet);
/* The filter has agreed on what is spoken. */
void conversation_negotiated(struct milter *milter);

#endif
