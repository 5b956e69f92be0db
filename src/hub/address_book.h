/* SPDX-License-Identifier: Apache-2.0 */
/* address_book - whose mailbox an address is: an index over the model in force, made anew when the
 * model changes. */
#ifndef HUB_ADDRESS_BOOK_H
#define HUB_ADDRESS_BOOK_H

#include "hub/state.h"

/* The mailbox of a recipient's address, in any case; "postmaster" alone is the default domain's.
 * NULL: nobody's. */
const struct mailbox *address_book_mailbox(struct hub *hub, struct slice address);
void address_book_forget(struct hub *hub); /* the model has changed, or the end */

#endif
