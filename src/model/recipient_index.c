/* SPDX-License-Identifier: Apache-2.0 */
#include "model/recipient_index.h"

#include "mail/address.h"

#include <stdlib.h>

struct entry {
    struct slice address; /* empty: a free slot */
    struct recipient recipient;
};

struct recipient_index {
    const struct model *model;
    struct arena comparable; /* addresses that are not so already */
    size_t mask;             /* number of slots - 1 */
    struct entry slots[];
};

static size_t slot_of(const struct recipient_index *index, struct slice address)
{
    size_t at = slice_hash_nocase(address) & index->mask;
    while (index->slots[at].address.len && !slice_equal_nocase(index->slots[at].address, address))
        at = (at + 1) & index->mask;
    return at;
}

static void add(struct recipient_index *index, struct slice address, struct recipient recipient)
{
    if (!mailbox_keep_comparable(&index->comparable, &address))
        return;
    struct entry *slot = &index->slots[slot_of(index, address)];
    if (!slot->address.len)
        *slot = (struct entry){address, recipient};
}

static void add_all(struct recipient_index *index, struct slice primary,
                    const struct slice_list *further, struct recipient recipient)
{
    add(index, primary, recipient);
    for (size_t i = 0; i < further->count; i++)
        add(index, further->at[i], recipient);
}

static size_t count_addresses(const struct model *model)
{
    size_t addresses = 0;
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++)
        addresses += 1 + model_mailbox(model, i)->email_addresses.count;
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++)
        addresses += 1 + model_distribution_group(model, i)->email_addresses.count;
    return addresses;
}

struct recipient_index *recipient_index_new(const struct model *model)
{
    size_t slots = 16, addresses = count_addresses(model);
    while (slots < addresses * 2)
        slots *= 2;
    struct recipient_index *index = calloc(1, sizeof *index + slots * sizeof index->slots[0]);
    if (!index)
        return NULL;
    index->model = model;
    index->comparable = arena_with_ceiling(MODEL_CEILING_BYTES);
    index->mask = slots - 1;
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++) {
        const struct mailbox *mailbox = model_mailbox(model, i);
        if (mailbox->enabled)
            add_all(index, mailbox->primary_smtp_address, &mailbox->email_addresses,
                    (struct recipient){.mailbox = mailbox});
    }
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++) {
        const struct distribution_group *group = model_distribution_group(model, i);
        add_all(index, group->primary_smtp_address, &group->email_addresses,
                (struct recipient){.group = group});
    }
    return index;
}

void recipient_index_free(struct recipient_index *index)
{
    if (index)
        arena_deinit(&index->comparable);
    free(index);
}

struct recipient recipient_index_find(const struct recipient_index *index, struct slice address)
{
    static const struct address_options any = {
        .utf8 = true, .long_addresses = true, .unqualified = true};
    struct address parsed;
    char storage[ADDRESS_LONG_MAX + 512], bytes[ADDRESS_LONG_MAX + 1];
    struct text canonical = text_over(storage, sizeof storage);
    struct text comparable = text_over(bytes, sizeof bytes);
    if (address_parse(address, &any, &parsed) != ADDRESS_OK ||
        !address_append_canonical(&canonical, &parsed))
        return (struct recipient){0};
    if (parsed.domain.len == 0) {
        const struct accepted_domain *domain = accepted_domain_default(index->model);
        text_append_byte(&canonical, '@');
        text_append(&canonical, domain ? domain->domain_name : (struct slice){0});
    }
    struct slice key = mailbox_comparable_address(text_slice(&canonical), &comparable);
    return index->slots[slot_of(index, key)].recipient;
}
