/* SPDX-License-Identifier: Apache-2.0 */
/* send_trial - what Test-SendConnector makes of what a host has shown: whether that is enough, in a
 * sentence, and the command that mends it.
 */
#ifndef HUB_HANDLERS_SEND_TRIAL_H
#define HUB_HANDLERS_SEND_TRIAL_H

#include "hub/handlers/object.h"
#include "model/send_demand.h"

enum { SEND_TRIAL_NAME_BYTES = 512, SEND_TRIAL_TEXT_BYTES = 2048, SEND_TRIAL_REPLY_SHOWN = 400 };

struct send_trial { /* what the model said when it began, and what came since */
    struct call *call;
    char connector[SEND_TRIAL_NAME_BYTES], recipient[SEND_TRIAL_TEXT_BYTES];
    char demand[SEND_TRIAL_TEXT_BYTES], undo[SEND_TRIAL_TEXT_BYTES]; /* in words; as a command */
    char ours[SEND_TRIAL_NAME_BYTES]; /* the subject of the certificate we would show */
    char recipient_reply[SEND_TRIAL_TEXT_BYTES], fix[WORK_FIX_MAX];
    struct send_demand judged;
    bool smart; /* to hosts that the connector names */
    size_t rows;
};

void send_trial_append_verdict(const struct send_trial *trial, const struct wire_relay_seen *seen,
                               struct text *verdict);
/* What is demanded of the host, and by whom: the configuration, and the domain itself. */
void send_trial_append_demand(const struct send_trial *trial, const struct wire_relay_seen *seen,
                              struct text *demand, struct text *source);
/* Nothing where there is nothing to be mended here. */
void send_trial_append_fix(const struct send_trial *trial, const struct wire_relay_seen *seen,
                           struct text *fix);

#endif
