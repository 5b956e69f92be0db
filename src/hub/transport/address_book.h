/* SPDX-License-Identifier: Apache-2.0 */
/* address_book - whose an address is: an index over the model in force, made anew when the model
 * changes. */
#ifndef HUB_TRANSPORT_ADDRESS_BOOK_H
#define HUB_TRANSPORT_ADDRESS_BOOK_H

#include "hub/state.h"
#include "model/recipient_index.h"

/* Good until the model changes. NULL without a model, or without memory. */
const struct recipient_index *address_book(struct hub *hub);
/* In any case; "postmaster" alone is the default domain's. Nobody's: neither is there. */
struct recipient address_book_find(struct hub *hub, struct slice address);
const struct mailbox *address_book_mailbox(struct hub *hub, struct slice address); /* or NULL */
void address_book_forget(struct hub *hub); /* the model has changed, or the end */

#endif
