/* SPDX-License-Identifier: Apache-2.0 */
/* trial - an SMTP session played dry: what would a client be answered?
 *
 * The session, its policy and the verdicts are those of an edge (smtp/session, model/submission);
 * the addresses of whoever logs in come from model/send_as, as for a login. Nothing is sent and
 * nothing is kept. The client is inside TLS from the start, and shows no certificate.
 *
 * One trial is one connection: greet, maybe log in, then say line after line. A big object: put it
 * on the heap. The model is borrowed until trial_deinit.
 */
#ifndef MODEL_TRIAL_H
#define MODEL_TRIAL_H

#include "model/submission.h"

/* Who has the address: SESSION_RECIPIENT_UNKNOWN (nobody), _CLOSED (a group that takes no mail of
 * strangers) or _OK. */
typedef enum session_recipient_answer trial_recipient_fn(void *context, struct slice mailbox);

struct trial {
    /* of the last line; good until the next one */
    struct rights_answer why; /* the right that was missing */
    struct slice about;       /* the sender or recipient as it was judged; empty: it was not */
    /* private but for reading */
    struct submission submission;
    struct mailbox user; /* whoever has logged in, with all addresses it may write as */
    struct session_policy policy;
    struct session session;
    trial_recipient_fn *recipient;
    void *context;
    struct text replies, addresses;
    struct arena arena;
    char about_storage[SESSION_MAILBOX_MAX];
};

void trial_init(struct trial *trial, const struct model *model,
                const struct receive_connector *connector, trial_recipient_fn *recipient,
                void *context);
void trial_deinit(struct trial *trial);
/* The session has taken a login: from here on the client is this mailbox. False without memory. */
MUST_USE bool trial_become(struct trial *trial, const struct mailbox *mailbox);
/* The client says `before`, an address, `after`; returns the last line of the reply, good until the
 * next line; empty when the session has ended. A login is taken with any password. */
struct slice trial_say(struct trial *trial, const char *before, struct slice address,
                       const char *after);

#endif
