/* SPDX-License-Identifier: Apache-2.0 */
/* alternate - the recipient to take instead, when the one named is nobody (XORAR).
 *
 * The client names it with the recipient: XORAR=rfc822;address. It is judged like a recipient of
 * its own, at once, and taken only when the hub knows nobody of the first name. The original
 * recipient (ORCPT) stays what the client wrote, so that notices speak of the one it knows.
 */
#ifndef EDGE_ALTERNATE_H
#define EDGE_ALTERNATE_H

#include "model/submission.h"
#include "smtp/session.h"
#include "wire/messages.h"

struct connection;

struct alternate {
    struct text mailbox, orcpt; /* the alternate; empty: there is none */
    uint64_t notify;
    enum submission_recipient verdict; /* the hub is asked unless it is granted */
};

/* At RCPT, before the hub is asked about the recipient: keeps what is needed until its answer. */
void alternate_keep(struct connection *connection, const struct submission *submission,
                    struct slice recipient);
/* The recipient is nobody. True: the alternate has taken its place in the envelope and the hub has
 * been asked about it; else *answer is what to say. */
bool alternate_take(struct connection *connection, enum session_recipient_answer *answer);
void alternate_deinit(struct alternate *alternate);

#endif
