/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox_addresses - the addresses of a mailbox as scripts write them, and what becomes of the
 * primary one that another takes over from. */
#ifndef HUB_HANDLERS_MAILBOX_ADDRESSES_H
#define HUB_HANDLERS_MAILBOX_ADDRESSES_H

#include "hub/call.h"

/* smtp:info@contoso.com in -EmailAddresses is info@contoso.com; in a list that is given whole,
 * SMTP:anna@contoso.com is the primary address. The same in -ForwardingSmtpAddress. Changes the
 * parameters of the call. */
void mailbox_addresses_normalize(struct call *call);
/* The mailbox had another primary address: mail to that one goes on arriving, unless the call says
 * what the further addresses are. False without memory. */
MUST_USE bool mailbox_addresses_keep(struct call *call, struct mailbox *mailbox,
                                     struct slice former, struct arena *arena);

#endif
