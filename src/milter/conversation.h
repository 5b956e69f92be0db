/* SPDX-License-Identifier: Apache-2.0 */
/* conversation - what the files of one conversation share. */
#ifndef MILTER_CONVERSATION_H
#define MILTER_CONVERSATION_H

#include "milter/milter.h"
#include "milter/packet.h"

/* A packet of the filter. */
void answer_take(struct milter *milter, const struct packet *packet);
/* Its answer to what was offered: version, actions, steps, and its choice of macros. */
void negotiation_take(struct milter *milter, struct slice data);
bool conversation_may_ask(const struct milter *milter);
/* The filter has agreed on what is spoken. */
void conversation_negotiated(struct milter *milter);

const char *command_name(char letter); /* for logs */
/* A command and the macros in front of it: what is appended to the queue between the two is its
 * data. False: the filter does not want to hear it. */
bool command_begin(struct milter *milter, char letter, size_t *out_begun);
void command_end(struct milter *milter, size_t begun);
/* All of it, on its way if it may leave. */
void command_say(struct milter *milter, char letter, struct slice data);
/* What may leave now: up to and with the first command that is to be answered. */
void command_pump(struct milter *milter);

#endif
