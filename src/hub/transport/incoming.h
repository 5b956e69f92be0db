/* SPDX-License-Identifier: Apache-2.0 */
/* incoming - a message that an edge is handing over, from its envelope to the store's answer; and
 * what content filters make of it before its end (incoming_changes.c). Shared by the files of
 * hub/transport/intake. */
#ifndef HUB_TRANSPORT_INCOMING_H
#define HUB_TRANSPORT_INCOMING_H

#include "base/arena.h"
#include "hub/state.h"
#include "hub/transport/expand.h"
#include "model/log.h"
#include "store/store.h"

enum { INTAKE_BUCKETS = 4096 };

struct intake { /* by edge and session */
    struct incoming *buckets[INTAKE_BUCKETS];
};

struct incoming {
    struct incoming *next; /* in its bucket */
    struct hub *hub;
    struct peer *edge; /* NULL: died; the message goes its way, nobody hears of it */
    uint64_t session, message;
    int64_t received_at_ms;
    struct body *body;
    struct arena arena; /* of everything below */
    struct slice sender;
    enum sender_tls tls; /* by the envelope, at last by the header */
    struct text envelope;
    struct log_tracking arrival;
    struct envelope_recipient *recipients;
    size_t recipient_count, recipient_capacity;
    struct expanded_list expanded;     /* when it is not what the client said */
    struct body *header, *replacement; /* written anew by content filters; NULL: as it came */
    bool quarantined;                  /* it is to be suspended */
    bool recipients_gone;              /* filters have taken some away */
    bool failed;                       /* answered already; what still comes is dropped */
    bool ended;                        /* handed to the store */
};

struct incoming **incoming_bucket(struct hub *hub, const struct peer *edge, uint64_t session);
/* The one whose end is still to come; NULL: there is none. */
struct incoming *incoming_find(struct hub *hub, const struct peer *edge, uint64_t session);
void incoming_release(struct incoming *incoming); /* in no bucket any more */
void incoming_over(struct incoming *incoming);    /* whatever became of it */
void incoming_answer(struct incoming *incoming, enum wire_message_outcome outcome);
enum wire_message_outcome incoming_outcome(int result); /* of a store outcome, or -errno */
/* Tells the edge at once, so that it need not send the rest. A store outcome, or -errno. */
void incoming_fail(struct incoming *incoming, int result);

/* MESSAGE_END (intake_end.c). False: it makes no sense. */
bool intake_end_message(struct hub *hub, struct peer *edge, const struct wire_message_end *end);

/* MESSAGE_HEADER, -REPLACEMENT, -SENDER, -RECIPIENT_GONE. False: it makes no sense. */
bool incoming_change(struct incoming *incoming, const struct frame *frame);
/* MESSAGE_PIECE_QUESTION: of the body as filters have left it so far. False: it makes no sense. */
bool incoming_read(struct incoming *incoming, const struct wire_message_piece_question *question);
/* The body is complete: puts it together from what is new and what is kept. */
void incoming_settle_changes(struct incoming *incoming, uint64_t keep_from);
void incoming_forget_changes(struct incoming *incoming);

#endif
