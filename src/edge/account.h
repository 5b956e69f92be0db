/* SPDX-License-Identifier: Apache-2.0 */
/* account - who has logged in on a connection: the name and the addresses the checker vouched for,
 * and the rights that follow from them on this connector. */
#ifndef EDGE_ACCOUNT_H
#define EDGE_ACCOUNT_H

#include "model/mailbox.h"
#include "wire/messages.h"

struct account {
    struct mailbox mailbox; /* name and addresses only */
    uint32_t rights;
    struct arena arena;
};

struct account *account_new(const struct wire_sasl_answer *answer); /* NULL without memory */
void account_free(struct account *account);                         /* accepts NULL */

#endif
