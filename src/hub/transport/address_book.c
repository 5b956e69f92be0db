/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/address_book.h"

const struct recipient_index *address_book(struct hub *hub)
{
    if (hub->model && !hub->address_book)
        hub->address_book = recipient_index_new(hub->model);
    return hub->address_book;
}

struct recipient address_book_find(struct hub *hub, struct slice address)
{
    const struct recipient_index *index = address_book(hub);
    return index ? recipient_index_find(index, address) : (struct recipient){0};
}

const struct mailbox *address_book_mailbox(struct hub *hub, struct slice address)
{
    return address_book_find(hub, address).mailbox;
}

void address_book_forget(struct hub *hub)
{
    recipient_index_free(hub->address_book);
    hub->address_book = NULL;
}
