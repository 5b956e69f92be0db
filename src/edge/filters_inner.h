/* SPDX-License-Identifier: Apache-2.0 */
/* filters_inner - what the files of the chain of content filters share. */
#ifndef EDGE_FILTERS_INNER_H
#define EDGE_FILTERS_INNER_H

#include "edge/filters.h"

/* filter_facts.c */
void filter_facts_of_session(struct filters *filters);
void filter_facts_of_sender(struct filters *filters, struct slice sender);
void filter_facts_of_recipient(struct filters *filters, struct slice mailbox, bool local);

/* filter_question.c */
void filter_question_init(struct filters *filters);

/* filter_stream.c: false for a message that comes to nothing: no filter is told of it any more. */
bool filter_stream_is_open(const struct connection *connection);
/* The header section as it is now, and its end. */
void filter_stream_tell_header(struct filters *filters, struct filter *filter);

/* The one that hears it may have room again; may free the connection. */
void filter_stream_moved(struct filters *filters);

/* filter_turn.c */
void filter_turn_begin(struct filters *filters, struct filter *filter);
/* Goes on with it, and with its end. False: the filter has been told of all. */
bool filter_turn_lasts(struct filters *filters, struct filter *filter);
void filter_turn_forget(struct filters *filters);

#endif
