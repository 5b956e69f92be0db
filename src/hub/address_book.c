/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/address_book.h"

#include "mail/address.h"

#include <stdlib.h>

struct entry {
    struct slice address;
    const struct mailbox *mailbox;
};

struct address_book {
    const struct model *model;
    struct arena comparable; /* addresses that are not so already */
    size_t mask;             /* number of slots - 1 */
    struct entry slots[];
};

static size_t hash(struct slice address)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < address.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(address.at[i])) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 32);
}

static struct entry *slot_of(struct address_book *book, struct slice address)
{
    size_t at = hash(address) & book->mask;
    while (book->slots[at].mailbox && !slice_equal_nocase(book->slots[at].address, address))
        at = (at + 1) & book->mask;
    return &book->slots[at];
}

static bool keep_comparable(struct address_book *book, struct slice *address)
{
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    struct slice comparable = mailbox_comparable_address(*address, &storage);
    if (comparable.at != bytes)
        return true;
    return arena_copy(&book->comparable, comparable, address);
}

static void add(struct address_book *book, struct slice address, const struct mailbox *mailbox)
{
    if (!keep_comparable(book, &address))
        return;
    struct entry *slot = slot_of(book, address);
    if (!slot->mailbox && address.len)
        *slot = (struct entry){.address = address, .mailbox = mailbox};
}

static struct address_book *make(const struct model *model)
{
    size_t addresses = 0;
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++)
        addresses += 1 + model_mailbox(model, i)->email_addresses.count;
    size_t slots = 16;
    while (slots < addresses * 2)
        slots *= 2;
    struct address_book *book = calloc(1, sizeof *book + slots * sizeof book->slots[0]);
    if (!book)
        return NULL;
    book->model = model;
    book->comparable = arena_with_ceiling(MODEL_CEILING_BYTES);
    book->mask = slots - 1;
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++) {
        const struct mailbox *mailbox = model_mailbox(model, i);
        if (!mailbox->enabled)
            continue;
        add(book, mailbox->primary_smtp_address, mailbox);
        for (size_t a = 0; a < mailbox->email_addresses.count; a++)
            add(book, mailbox->email_addresses.at[a], mailbox);
    }
    return book;
}

void address_book_forget(struct hub *hub)
{
    if (hub->address_book)
        arena_deinit(&hub->address_book->comparable);
    free(hub->address_book);
    hub->address_book = NULL;
}

static const struct mailbox *look_up(struct address_book *book, struct slice address)
{
    return slot_of(book, address)->mailbox;
}

const struct mailbox *address_book_mailbox(struct hub *hub, struct slice address)
{
    if (!hub->model)
        return NULL;
    if (!hub->address_book)
        hub->address_book = make(hub->model);
    if (!hub->address_book)
        return NULL;
    struct address parsed;
    struct address_options options = {.utf8 = true, .unqualified = true};
    char storage[ADDRESS_LONG_MAX + 512];
    struct text canonical = text_over(storage, sizeof storage);
    if (address_parse(address, &options, &parsed) != ADDRESS_OK ||
        !address_append_canonical(&canonical, &parsed))
        return NULL;
    if (parsed.domain.len == 0) {
        const struct accepted_domain *domain = accepted_domain_default(hub->model);
        text_append_byte(&canonical, '@');
        text_append(&canonical, domain ? domain->domain_name : (struct slice){0});
    }
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text comparable = text_over(bytes, sizeof bytes);
    return look_up(hub->address_book,
                   mailbox_comparable_address(text_slice(&canonical), &comparable));
}
