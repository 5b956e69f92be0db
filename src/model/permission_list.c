/* SPDX-License-Identifier: Apache-2.0 */
#include "model/permission_list.h"

struct listing {
    const struct model *model;
    struct object_id object;
    permission_entry_fn *each;
    void *context;
};

/* Denied by hand to the same principal, or to all who have logged in, of whom a mailbox is one. */
static bool is_denied(const struct listing *list, const struct permission_entry *entry)
{
    static const struct object_id nobody;
    const struct permission *same =
        permission_find(list->model, list->object, entry->principal, entry->mailbox, true);
    bool logs_in = entry->principal == PRINCIPAL_MAILBOX || entry->principal == PRINCIPAL_SELF;
    const struct permission *all =
        logs_in ? permission_find(list->model, list->object, PRINCIPAL_AUTHENTICATED, nobody, true)
                : NULL;
    return (same && (same->rights & entry->right)) || (all && (all->rights & entry->right));
}

static void emit(const struct listing *list, struct permission_entry entry, uint32_t rights,
                 bool occurs)
{
    for (const struct setting_word *w = right_words; w->word; w++) {
        if (!(rights & w->value))
            continue;
        entry.right = (enum right)w->value;
        entry.effective = entry.deny || (occurs && !is_denied(list, &entry));
        list->each(list->context, &entry);
    }
}

static void emit_by_hand(const struct listing *list, const struct receive_connector *connector)
{
    for (size_t i = 0; i < model_count(list->model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(list->model, i);
        struct permission_entry entry = {.principal = (enum principal)p->principal,
                                         .mailbox = p->mailbox,
                                         .deny = p->deny,
                                         .by_hand = true};
        if (object_id_equal(p->object, list->object))
            emit(list, entry, p->rights,
                 !connector || rights_principal_occurs(connector, entry.principal));
    }
}

void permission_list_connector(const struct model *model, const struct receive_connector *connector,
                               permission_entry_fn *each, void *context)
{
    struct listing list = {model, connector->id, each, context};
    for (int who = 0; who < RIGHTS_WHO_COUNT; who++) {
        uint32_t rights = rights_of_groups(connector->permission_groups, (enum rights_who)who);
        const enum principal *principals = rights_principals((enum rights_who)who);
        for (; rights && *principals; principals++)
            emit(&list, (struct permission_entry){.principal = *principals}, rights,
                 rights_principal_occurs(connector, *principals));
    }
    emit_by_hand(&list, connector);
}

void permission_list_mailbox(const struct model *model, const struct mailbox *mailbox,
                             permission_entry_fn *each, void *context)
{
    struct listing list = {model, mailbox->id, each, context};
    emit(&list, (struct permission_entry){.principal = PRINCIPAL_SELF}, RIGHT_SEND_AS, true);
    emit_by_hand(&list, NULL);
}

bool permission_by_hand(const struct model *model, struct object_id object)
{
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++)
        if (object_id_equal(model_permission(model, i)->object, object))
            return true;
    return false;
}

static bool holds_the_internet(const struct receive_connector *connector)
{
    static const char *const parts[] = {"1.0.0.0-223.255.255.255", "2000::/3"};
    bool holds = false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct ip_range part;
        bool read = ip_range_parse(slice_of(parts[i]), &part);
        for (size_t k = 0; read && k < connector->remote_ip_ranges.count; k++)
            holds = holds || ip_range_within(part, connector->remote_ip_ranges.at[k]);
    }
    return holds;
}

bool permission_opens_relay(const struct model *model, const struct receive_connector *connector)
{
    uint32_t rights = rights_of_session(model, connector, rights_who_of(connector, false), NULL);
    uint32_t relay = RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_RECIPIENT;
    return (rights & relay) == relay && holds_the_internet(connector);
}
