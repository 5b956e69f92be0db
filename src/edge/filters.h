/* SPDX-License-Identifier: Apache-2.0 */
/* filters - the content filters of a connector, asked about each message of a session.
 *
 * They are connected to at the first MAIL and asked one after the other: at MAIL and RCPT before
 * the client gets its reply, at the end of the message before the hub may store it. The first hears
 * header and body while they stream to the hub. Each of the others has its turn when the one before
 * it has answered the end, and hears the message as it has become by then: the header section is
 * kept here, the body comes back from the hub, piece by piece, since of it nothing is kept. What a
 * filter changes is sent to the hub as a new header section, and as a new body when there is one.
 *
 * A filter that fails is left out or makes the client try again, as MilterFailureAction says; one
 * that fails in the middle of its changes always does the latter.
 */
#ifndef EDGE_FILTERS_H
#define EDGE_FILTERS_H

#include "edge/connection.h"
#include "edge/filter.h"

enum {
    FILTERS_HEADER_MAX = 2 << 20, /* of a message; one with more is refused for now */
    FILTERS_QUESTION_FACTOR = 10, /* what a filter may take for a question in all, in timeouts */
    FILTERS_FACTS_MAX = 8192,
    FILTERS_REASON_MAX = 256,
};

struct filters_storage { /* what slices of the facts point into */
    char bytes[FILTERS_FACTS_MAX];
};

struct filters {
    struct connection *connection;
    struct filter *all;
    size_t count;
    struct milter_facts facts;
    struct filters_storage of_session, of_sender, of_recipient;
    /* the question on its way: filters before `at` have answered */
    enum filters_question {
        FILTERS_NOTHING,
        FILTERS_MAIL,
        FILTERS_RECIPIENT,
        FILTERS_END
    } question;
    size_t at;
    struct watch limit; /* of the question to the one at `at` */
    enum milter_verdict verdict;
    char words_storage[MILTER_REPLY_MAX];
    struct text words;
    /* of the message */
    struct text trace, header;
    uint64_t keep_from; /* where its body begins, as the hub counts */
    bool changed;
    const struct filter *replacer; /* whose new body it is; NULL: nobody's */
    struct octets octets;          /* of the new body */
    char reason_storage[FILTERS_REASON_MAX];
    struct text quarantine;
    struct filter *streamed; /* hears the message as it comes; NULL: nobody */
    bool holds;              /* the client must wait, `streamed` takes no more */
    struct filters_turn {    /* of the one at `at`, behind others */
        bool lasts;          /* it is being told of the body */
        bool awaits;         /* a piece of it, by the number of `request` */
        bool in_line;        /* the hub is still to be asked for that */
        uint64_t read_to, request;
        struct filters *next; /* in the line */
    } turn;
};

/* Before the first question of a message. False: there is no memory for it. */
bool filters_ready(struct connection *connection);
void filters_message_over(struct connection *connection);
void filters_free(struct connection *connection); /* also when there are none */

/* Each is true when the answer is awaited: answer_filtered follows. Else (and then) it is in
 * filters_refuse. Without filters they are false at once. */
bool filters_ask_mail(struct connection *connection, struct slice sender);
bool filters_ask_recipient(struct connection *connection);
bool filters_ask_end(struct connection *connection);
/* Who the next filters_ask_recipient is about. */
void filters_name_recipient(struct connection *connection, struct slice mailbox, bool local);
/* The last question was answered with a refusal: in these words, good until the next question. A
 * message to be discarded is marked as such in its transaction, and goes on to the hub as any. */
bool filters_refuse(struct connection *connection, struct slice *out_words);
bool filters_busy(const struct connection *connection); /* a question is on its way */

/* The message as it streams: the trace field, the fields, their end, the body. */
void filters_trace(struct connection *connection, struct slice field);
void filters_header(struct connection *connection, struct slice piece);
void filters_header_end(struct connection *connection, uint64_t keep_from);
void filters_body(struct connection *connection, struct slice piece);
/* Nothing more of the body now; connection_unblocked follows. */
bool filters_hold(struct connection *connection);
/* Before MESSAGE_END: the message as it has become. */
void filters_send_changes(struct connection *connection, struct wire_message_end *end);

/* Answers of the hub, and its end. Those to questions that nobody asks any more are dropped. */
void filters_connected(struct connection *connection, const struct wire_filter_connected *answer,
                       int fd_take);
void filters_unreachable(struct connection *connection,
                         const struct wire_filter_unreachable *answer);
void filters_piece(struct edge *edge, const struct wire_message_piece *answer);
void filters_hub_lost(struct edge *edge);

/* A filter has moved, or the message was refused meanwhile. May free the connection. */
void filters_moved(struct filters *filters);
milter_change_fn filters_change; /* context: the filter */

#endif
