/* SPDX-License-Identifier: Apache-2.0 */
/* milter - our side of one connection to a content filter, without sockets or clock.
 *
 * What is to be said is queued; a command leaves when the one before it has been answered. The
 * caller sends milter_output, feeds what comes back, and may read the verdict when the conversation
 * is settled: nothing is queued and no reply awaited. The first milter_mail says CONNECT and HELO,
 * too. A filter that breaks the protocol has failed: `fault` says how, it is settled for ever, and
 * nothing is to be sent to it any more.
 *
 * Verdicts hold as far as they reach: of the connection (at CONNECT or HELO) for all its messages,
 * of a message until the next milter_mail, of a recipient until the next command. Behind a final
 * verdict commands of the same message do nothing.
 *
 * Memory: at most MILTER_QUEUE_MAX is queued; bulk should wait while milter_full. `facts` is
 * borrowed for the life of the conversation, its slices are read when something is said. Changes
 * are handed over while milter_feed runs and point into what was fed.
 */
#ifndef MILTER_MILTER_H
#define MILTER_MILTER_H

#include "milter/facts.h"
#include "milter/protocol.h"

enum milter_limits {
    MILTER_QUEUE_MAX = 4 << 20,
    MILTER_FULL = 256 << 10,
    MILTER_REPLY_MAX = 2048,    /* of a reply in the filter's words */
    MILTER_PROGRESS_MAX = 100,  /* replies that only ask for time, in a row */
    MILTER_CHANGES_MAX = 10000, /* of one message */
};

enum milter_verdict {
    MILTER_CONTINUE,
    MILTER_ACCEPT, /* and no further questions */
    MILTER_REJECT,
    MILTER_TEMPFAIL,
    MILTER_DISCARD, /* as if it were accepted */
};

enum milter_change_kind {
    CHANGE_ADD_HEADER,       /* name, value */
    CHANGE_INSERT_HEADER,    /* index, name, value */
    CHANGE_HEADER,           /* index, name, value; an empty value takes it away */
    CHANGE_BODY,             /* value: the next piece of the new body */
    CHANGE_ADD_RECIPIENT,    /* name: the address; value: parameters */
    CHANGE_DELETE_RECIPIENT, /* name */
    CHANGE_SENDER,           /* name, value */
    CHANGE_QUARANTINE,       /* value: why */
};

struct milter_change {
    enum milter_change_kind kind;
    uint32_t index;
    struct slice name, value;
    bool as_is; /* header values bring their own first blank */
};

typedef void milter_change_fn(void *context, const struct milter_change *change);

enum milter_state { MILTER_NEGOTIATING, MILTER_OPEN, MILTER_FAILED };

struct milter {
    /* to be read */
    enum milter_verdict verdict;
    const char *fault;     /* why it has failed */
    const char *at;        /* the command that got the verdict, for logs: "RCPT" */
    uint32_t changes;      /* of this message */
    bool final_connection; /* the verdict is the connection's */
    /* private */
    const struct milter_facts *facts;
    milter_change_fn *change;
    void *context;
    enum milter_state state;
    uint32_t actions, steps, macros[STAGE_COUNT];
    struct text input, queue, output, chunk, reply;
    char awaited; /* enum milter_command; 0: none */
    unsigned progress;
    bool mail_wanted, greeted, in_message, final_message, skips_body, stale_reply;
};

/* The storage is not initialised. Offers the protocol. */
void milter_begin(struct milter *milter, const struct milter_facts *facts, milter_change_fn *change,
                  void *context);
void milter_end(struct milter *milter); /* accepts a zeroed one */

void milter_mail(struct milter *milter);      /* begins a message */
void milter_recipient(struct milter *milter); /* facts->recipient */
void milter_data(struct milter *milter);
void milter_header(struct milter *milter, struct slice name, struct slice value);
void milter_header_end(struct milter *milter);
void milter_body(struct milter *milter, struct slice bytes);
bool milter_wants_body(const struct milter *milter); /* more of it means something to the filter */
void milter_message_end(struct milter *milter);
void milter_abort(struct milter *milter); /* the message comes to nothing; the connection stays */
void milter_quit(struct milter *milter);

struct slice milter_output(const struct milter *milter); /* borrowed until the next call */
void milter_sent(struct milter *milter, size_t count);
void milter_feed(struct milter *milter, struct slice bytes);
void milter_fail(struct milter *milter, const char *fault);
bool milter_settled(const struct milter *milter);
/* The verdict stands, for the message or the connection. */
bool milter_is_final(const struct milter *milter);
bool milter_full(const struct milter *milter);
/* "550 5.7.1 text", its lines with LF between them, all with the same code; for REJECT and
 * TEMPFAIL. */
struct slice milter_reply(const struct milter *milter);

#endif
