/* SPDX-License-Identifier: Apache-2.0 */
#include "model/holder_index.h"

#include "mail/address.h"

#include <stdlib.h>

struct entry {
    enum holder_claim claim;
    struct slice value; /* empty: a free slot */
    struct holder holder;
};

struct holder_index {
    struct arena comparable; /* addresses that are not so already */
    size_t mask;             /* number of slots - 1 */
    struct entry slots[];
};

struct holder holder_of_mailbox(const struct mailbox *mailbox)
{
    return (struct holder){"mailbox", mailbox, mailbox->name, mailbox->primary_smtp_address,
                           mailbox->email_addresses};
}

struct holder holder_of_group(const struct distribution_group *group)
{
    return (struct holder){"distribution group", group, group->name, group->primary_smtp_address,
                           group->email_addresses};
}

static size_t first_slot(const struct holder_index *index, struct slice value)
{
    return slice_hash_nocase(value) & index->mask;
}

static bool is_same(const struct entry *entry, enum holder_claim claim, struct slice value)
{
    if (entry->claim != claim)
        return false;
    return claim == HOLDER_FOLDER ? slice_equal(entry->value, value)
                                  : slice_equal_nocase(entry->value, value);
}

/* Each claim has a slot of its own, behind those that say the same. */
static bool add(struct holder_index *index, enum holder_claim claim, struct slice value,
                const struct holder *holder)
{
    if (claim == HOLDER_ADDRESS && !mailbox_keep_comparable(&index->comparable, &value))
        return false;
    if (value.len == 0)
        return true;
    size_t at = first_slot(index, value);
    while (index->slots[at].value.len)
        at = (at + 1) & index->mask;
    index->slots[at] = (struct entry){claim, value, *holder};
    return true;
}

static bool add_holder(struct holder_index *index, enum holder_claim claim_of_name,
                       const struct holder *holder)
{
    bool good = add(index, claim_of_name, holder->name, holder) &&
                add(index, HOLDER_ADDRESS, holder->primary, holder);
    for (size_t i = 0; good && i < holder->further.count; i++)
        good = add(index, HOLDER_ADDRESS, holder->further.at[i], holder);
    return good;
}

static bool add_all(struct holder_index *index, const struct model *model)
{
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++) {
        const struct mailbox *mailbox = model_mailbox(model, i);
        struct holder holder = holder_of_mailbox(mailbox);
        if (!add_holder(index, HOLDER_MAILBOX_NAME, &holder) ||
            !add(index, HOLDER_FOLDER, mailbox->maildir_name, &holder))
            return false;
    }
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++) {
        struct holder holder = holder_of_group(model_distribution_group(model, i));
        if (!add_holder(index, HOLDER_GROUP_NAME, &holder))
            return false;
    }
    return true;
}

static size_t count_claims(const struct model *model)
{
    size_t claims = 0;
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++)
        claims += 3 + model_mailbox(model, i)->email_addresses.count;
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++)
        claims += 2 + model_distribution_group(model, i)->email_addresses.count;
    return claims;
}

struct holder_index *holder_index_new(const struct model *model)
{
    size_t slots = 16, claims = count_claims(model);
    while (slots < claims * 2)
        slots *= 2;
    struct holder_index *index = calloc(1, sizeof *index + slots * sizeof index->slots[0]);
    if (!index)
        return NULL;
    index->comparable = arena_with_ceiling(MODEL_CEILING_BYTES);
    index->mask = slots - 1;
    if (add_all(index, model))
        return index;
    holder_index_free(index);
    return NULL;
}

void holder_index_free(struct holder_index *index)
{
    if (index)
        arena_deinit(&index->comparable);
    free(index);
}

bool holder_index_another(const struct holder_index *index, enum holder_claim claim,
                          struct slice value, const void *object, struct holder *out)
{
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    if (claim == HOLDER_ADDRESS)
        value = mailbox_comparable_address(value, &storage);
    if (value.len == 0)
        return false;
    for (size_t at = first_slot(index, value); index->slots[at].value.len;
         at = (at + 1) & index->mask) {
        const struct entry *entry = &index->slots[at];
        if (entry->holder.object == object || !is_same(entry, claim, value))
            continue;
        *out = entry->holder;
        return true;
    }
    return false;
}
