/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/permission_show.h"

#include "hub/handlers/object.h"

static void append_principal(struct text *text, const struct model *model,
                             const struct permission_entry *entry)
{
    const struct mailbox *who = model_by_id(model, MODEL_MAILBOX, entry->mailbox);
    if (entry->principal != PRINCIPAL_MAILBOX)
        text_append_c(text, principal_name(entry->principal));
    else if (who)
        append_clean(text, who->name);
}

/* --- entries as objects --- */

struct showing {
    struct call *call;
    const struct model *model;
    const struct permission_filter *filter;
    struct slice identity; /* of the object */
};

static bool passes(const struct permission_filter *filter, const struct permission_entry *entry)
{
    bool of_user =
        entry->principal == filter->principal && object_id_equal(entry->mailbox, filter->mailbox);
    return (!filter->by_user || of_user) && (!filter->rights || (entry->right & filter->rights));
}

static void show_entry(void *context, const struct permission_entry *entry)
{
    const struct showing *showing = context;
    char storage[300];
    struct text user = text_over(storage, sizeof(storage));
    if (!passes(showing->filter, entry))
        return;
    append_principal(&user, showing->model, entry);
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_slice(showing->identity));
    json_object_set_new(json, "User", json_of_slice(text_slice(&user)));
    json_object_set_new(json, "ExtendedRights", json_pack("[s]", right_name(entry->right)));
    json_object_set_new(json, "Deny", json_boolean(entry->deny));
    json_object_set_new(json, "IsInherited", json_false());
    json_object_set_new(json, "Custom", json_boolean(entry->by_hand));
    json_object_set_new(json, "Effective", json_boolean(entry->effective));
    call_emit(showing->call, json);
}

void permission_show(struct call *call, const struct model *model, enum model_kind kind,
                     const void *object, const struct permission_filter *filter)
{
    struct showing showing = {.call = call, .model = model, .filter = filter};
    if (kind == MODEL_MAILBOX) {
        const struct mailbox *mailbox = object;
        showing.identity = mailbox->name;
        permission_list_mailbox(model, mailbox, show_entry, &showing);
    } else {
        const struct receive_connector *connector = object;
        showing.identity = connector->identity;
        permission_list_connector(model, connector, show_entry, &showing);
    }
}

/* --- who may relay --- */

struct relays {
    const struct model *model;
    struct text names;
};

static void note_relay(void *context, const struct permission_entry *entry)
{
    struct relays *relays = context;
    if (entry->right != RIGHT_ACCEPT_ANY_RECIPIENT || entry->deny || !entry->effective)
        return;
    text_append_c(&relays->names, relays->names.len ? ", " : "");
    append_principal(&relays->names, relays->model, entry);
}

void permission_inform_relay(struct call *call, const struct model *model,
                             const struct receive_connector *connector)
{
    struct relays relays = {model, text_with_ceiling(1000)};
    permission_list_connector(model, connector, note_relay, &relays);
    call_inform(call, "%.*s: mail for domains that are not ours is taken from %s%.*s",
                SLICE_ARG(connector->identity), relays.names.len ? "" : "nobody",
                SLICE_ARG(text_slice(&relays.names)));
    text_deinit(&relays.names);
}

void permission_warn_of_open_relay(struct call *call, const struct model *model,
                                   const struct receive_connector *connector)
{
    if (permission_opens_relay(model, connector))
        call_warn(call,
                  "%.*s is an open relay: anybody on the Internet may send mail to anybody through "
                  "it. Narrow it: Set-ReceiveConnector \"%.*s\" -RemoteIPRanges 192.0.2.0/24",
                  SLICE_ARG(connector->identity), SLICE_ARG(connector->identity));
}
