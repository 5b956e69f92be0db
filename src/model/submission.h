/* SPDX-License-Identifier: Apache-2.0 */
/* submission - what one client may do on one connector, in the answers of the SMTP session.
 *
 * The edge asks at each command, Test-SmtpSubmission asks in advance: both get the same answers
 * because this is where they come from. Each answer comes with the right that was missing, if one
 * was.
 *
 * It refuses to know whether a mailbox exists: that is a question for whoever has the address book.
 */
#ifndef MODEL_SUBMISSION_H
#define MODEL_SUBMISSION_H

#include "model/peer.h"
#include "model/rights.h"
#include "smtp/session.h"

struct submission {
    const struct model *model;
    const struct receive_connector *connector;
    const struct mailbox *mailbox; /* who logged in, with all addresses it may write as; or NULL */
    const struct tls_peer *peer;   /* what TLS says of the client; NULL: it is in clear */
    enum rights_who who;
    uint32_t rights;
};

enum submission_recipient {
    SUBMISSION_RECIPIENT_GRANTED,
    SUBMISSION_RECIPIENT_MUST_EXIST, /* it lives here: granted if somebody has the address */
    SUBMISSION_RECIPIENT_MAY_EXIST,  /* it may live here or elsewhere: granted, unless it is a group
                                        that is closed to the client */
    SUBMISSION_RECIPIENT_DENIED,     /* relay */
};

enum submission_from {
    SUBMISSION_FROM_GRANTED,
    SUBMISSION_FROM_UNCLEAR, /* readers could disagree on who it names */
    SUBMISSION_FROM_DENIED,
};

/* Before (NULL) or after a login. A partner may all that a stranger may: a certificate never takes
 * a right away. */
struct submission submission_of(const struct model *model,
                                const struct receive_connector *connector,
                                const struct mailbox *mailbox, const struct tls_peer *peer);
/* The session's policy that follows from the connector; `starttls`: there is a certificate. */
void submission_fill_policy(const struct submission *anonymous, bool starttls,
                            struct session_policy *out);

/* A domain that must be proven comes before all rights; peer_judge_sender says what was missing. */
enum session_sender_answer submission_judge_sender(const struct submission *submission,
                                                   struct slice sender,
                                                   struct rights_answer *out_why);
enum submission_recipient submission_judge_recipient(const struct submission *submission,
                                                     struct slice mailbox,
                                                     struct rights_answer *out_why);
/* Whether nobody vouches for the client: groups may be closed to it. */
bool submission_is_stranger(const struct submission *submission);
/* The value of From, unfolded; whoever may write as anybody is not asked. `out_address` is the one
 * that is denied. */
enum submission_from submission_judge_from(const struct submission *submission, struct slice value,
                                           struct slice *out_address,
                                           struct rights_answer *out_why);

#endif
