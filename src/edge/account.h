/* SPDX-License-Identifier: Apache-2.0 */
/* account - who has logged in on a connection: the mailbox the checker vouched for, with the
 * addresses it may write as. */
#ifndef EDGE_ACCOUNT_H
#define EDGE_ACCOUNT_H

#include "model/mailbox.h"
#include "wire/messages.h"

struct account {
    struct mailbox mailbox; /* id, name and addresses only */
    struct arena arena;
};

struct account *account_new(const struct wire_sasl_answer *answer); /* NULL without memory */
void account_free(struct account *account);                         /* accepts NULL */

#endif
