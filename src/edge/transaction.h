/* SPDX-License-Identifier: Apache-2.0 */
/* transaction - one message on its way through the edge: envelope gathered, body streamed to the
 * hub.
 *
 * The envelope is kept as frames ready for the wire, so an accepted recipient costs its own length
 * and no more. Body bytes pass through: trace field in front, header section scanned, missing
 * Message-ID and Date put in at its end, limits counted. When something makes the message
 * unacceptable the hub is told to forget it at once, and the rest of the body is read and dropped;
 * the reply comes at the end of the data, as SMTP wants it.
 */
#ifndef EDGE_TRANSACTION_H
#define EDGE_TRANSACTION_H

#include "edge/alternate.h"
#include "edge/our_names.h"
#include "mail/header_scan.h"
#include "smtp/dot.h"
#include "smtp/octets.h"
#include "smtp/session.h"
#include "wire/channel.h"

struct connection;

struct transaction {
    struct text envelope;       /* MESSAGE_BEGIN and MESSAGE_RECIPIENT frames */
    size_t before_recipient;    /* length of envelope without the recipient being asked about */
    struct alternate alternate; /* of the recipient being asked about */
    struct dot dot;             /* of DATA */
    struct octets octets;       /* of BDAT without BINARYMIME */
    struct our_names our_names; /* the connector's Fqdn among them */
    struct header_scan scan;
    char message_id[256];
    size_t message_id_len;
    uint64_t size_bytes, started_ms;
    uint64_t forwarded; /* bytes that the hub has */
    int64_t max_bytes;
    bool opened;  /* the body has begun */
    bool begun;   /* the hub has the envelope and must be told if it comes to nothing */
    bool refused; /* `refusal` is the answer, whatever else comes */
    enum session_stored_answer refusal;
    struct slice discarded_by; /* the content filter: the hub is to forget it at its end; empty */
    bool fields_added;
};

struct transaction *transaction_new(struct connection *connection, struct slice sender);
void transaction_free(struct transaction *transaction); /* accepts NULL; tells nobody */

/* The one being asked about, as it is to be known from here on; false: the envelope is full. */
bool transaction_add_recipient(struct connection *connection, struct slice mailbox);
void transaction_drop_recipient(struct transaction *transaction);
/* Hands the envelope to the hub and puts the trace field in front of the body. */
void transaction_begin_body(struct connection *connection);
void transaction_body(struct connection *connection, struct slice content);
/* The body is complete: its header section has ended, if not before. */
void transaction_complete(struct connection *connection);
/* Behind that. True when the hub was asked to store it; false when the answer is
 * `refusal`. */
bool transaction_end(struct connection *connection);
void transaction_refuse(struct connection *connection, enum session_stored_answer refusal);
struct slice transaction_message_id(const struct transaction *transaction);

#endif
