/* SPDX-License-Identifier: Apache-2.0 */
/* rights_text - a refusal in words: who lacks which right on what, and the command that grants it.
 * One text for the log and for Test-SmtpSubmission.
 */
#ifndef MODEL_RIGHTS_TEXT_H
#define MODEL_RIGHTS_TEXT_H

#include "model/rights.h"

struct rights_refusal {
    const struct receive_connector *connector;
    enum rights_who who;
    struct slice account; /* name of the mailbox that logged in; empty: nobody did */
    struct slice address; /* the sender or recipient it is about, a stranger's text; may be empty */
    enum right missing;
};

/* "anna lacks Send As on info@contoso.com" */
bool rights_append_reason(struct text *text, const struct rights_refusal *refusal);
/* "Add-ADPermission -Identity ... -User ... -ExtendedRights ..." */
bool rights_append_mending(struct text *text, const struct rights_refusal *refusal);

#endif
