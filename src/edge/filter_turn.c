/* SPDX-License-Identifier: Apache-2.0 */
/* The turn of a filter behind others: it hears what the message has become. The hub has the body
 * and gives it back in pieces, each when the filter has room for it. An edge has few of them on
 * their way at any time, however many sessions it has; the others stand in line. */
#include "edge/connections.h"
#include "edge/filters_inner.h"

enum { PIECES_MAX = 8 };

/* Without a hub nothing is sent: the edge is about to hear that it is gone. */
static void ask_hub(struct filters *filters)
{
    struct edge *edge = filters->connection->edge;
    struct wire_message_piece_question question = {.session = filters->connection->id,
                                                   .request = filters->turn.request,
                                                   .offset = filters->turn.read_to};
    edge->pieces.asked += channel_send(&edge->hub, WIRE_MESSAGE_PIECE_QUESTION, &question, -1);
}

static void stand_in_line(struct filters *filters)
{
    struct edge_pieces *pieces = &filters->connection->edge->pieces;
    filters->turn.in_line = true;
    filters->turn.next = NULL;
    *(pieces->first ? &pieces->last->turn.next : &pieces->first) = filters;
    pieces->last = filters;
}

static void leave_line(struct filters *filters)
{
    struct edge_pieces *pieces = &filters->connection->edge->pieces;
    struct filters *before = NULL, *at = pieces->first;
    while (at && at != filters) {
        before = at;
        at = at->turn.next;
    }
    filters->turn.in_line = false;
    if (!at)
        return;
    *(before ? &before->turn.next : &pieces->first) = filters->turn.next;
    if (pieces->last == filters)
        pieces->last = before;
}

static void ask_for_piece(struct filters *filters)
{
    filters->turn.awaits = true;
    filters->turn.request++;
    if (filters->connection->edge->pieces.asked < PIECES_MAX)
        ask_hub(filters);
    else
        stand_in_line(filters);
}

void filter_turn_begin(struct filters *filters, struct filter *filter)
{
    if (!filter_listens(filter))
        return;
    filter_stream_tell_header(filters, filter);
    filters->turn.lasts = true;
    filters->turn.read_to = filters->replacer ? 0 : filters->keep_from;
}

bool filter_turn_lasts(struct filters *filters, struct filter *filter)
{
    struct filters_turn *turn = &filters->turn;
    if (!turn->lasts)
        return false;
    if (!milter_wants_body(&filter->milter)) {
        filter_turn_forget(filters);
        milter_message_end(&filter->milter);
        filter_settle(filter);
    } else if (!turn->awaits && !milter_full(&filter->milter)) {
        ask_for_piece(filters);
    }
    return turn->lasts;
}

/* An answer that is still to come will find that its number is an old one. */
void filter_turn_forget(struct filters *filters)
{
    if (filters->turn.in_line)
        leave_line(filters);
    filters->turn.lasts = filters->turn.awaits = false;
}

static void take(struct filters *filters, struct slice bytes)
{
    struct filter *filter = &filters->all[filters->at];
    filters->turn.awaits = false;
    filters->turn.read_to += bytes.len;
    if (bytes.len) {
        milter_body(&filter->milter, bytes);
    } else {
        filter_turn_forget(filters);
        milter_message_end(&filter->milter);
    }
    filter_settle(filter);
    filters_moved(filters);
}

static void serve_line(struct edge *edge)
{
    struct filters *next = edge->pieces.first;
    if (!next || edge->pieces.asked >= PIECES_MAX)
        return;
    leave_line(next);
    ask_hub(next);
}

void filters_piece(struct edge *edge, const struct wire_message_piece *answer)
{
    struct connection *connection = connections_find(edge, answer->session);
    struct filters *filters = connection ? connection->filters : NULL;
    edge->pieces.asked -= edge->pieces.asked > 0;
    serve_line(edge);
    if (filters && filters->turn.awaits && !filters->turn.in_line &&
        filters->turn.request == answer->request)
        take(filters, answer->bytes);
}

void filters_hub_lost(struct edge *edge)
{
    edge->pieces = (struct edge_pieces){0};
    filter_release_held(edge);
}
