/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_as.h"

#include "model/rights.h"

/* Whether the permission says something about this user and this mailbox. */
static bool is_about(const struct permission *p, const struct mailbox *user, struct object_id as)
{
    if (!(p->rights & RIGHT_SEND_AS) || !object_id_equal(p->object, as))
        return false;
    switch ((enum principal)p->principal) {
    case PRINCIPAL_MAILBOX:
        return object_id_equal(p->mailbox, user->id);
    case PRINCIPAL_SELF:
        return object_id_equal(as, user->id);
    case PRINCIPAL_AUTHENTICATED:
        return true;
    case PRINCIPAL_ANONYMOUS:
    case PRINCIPAL_EXTERNALLY_SECURED:
    case PRINCIPAL_HUB_SERVERS:
    case PRINCIPAL_EDGE_SERVERS:
    case PRINCIPAL_LEGACY_SERVERS:
    case PRINCIPAL_PARTNER_SERVERS:
        break;
    }
    return false;
}

static bool granted(const struct model *model, const struct mailbox *user, struct object_id as)
{
    bool given = object_id_equal(user->id, as), denied = false;
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(model, i);
        bool about = is_about(p, user, as);
        given = given || (about && !p->deny);
        denied = denied || (about && p->deny);
    }
    return given && !denied;
}

bool send_as_granted(const struct model *model, const struct mailbox *user,
                     const struct mailbox *as)
{
    return granted(model, user, as->id);
}

static bool append_all(const struct mailbox *mailbox, struct text *lines)
{
    bool good = text_append(lines, mailbox->primary_smtp_address) && text_append_byte(lines, '\n');
    for (size_t i = 0; good && i < mailbox->email_addresses.count; i++)
        good = text_append(lines, mailbox->email_addresses.at[i]) && text_append_byte(lines, '\n');
    return good;
}

/* Two permissions may say the same: the first one counts. */
static bool was_seen(const struct model *model, const struct mailbox *user, size_t at)
{
    struct object_id as = model_permission(model, at)->object;
    bool seen = object_id_equal(as, user->id);
    for (size_t i = 0; !seen && i < at; i++)
        seen = is_about(model_permission(model, i), user, as);
    return seen;
}

/* Permissions are few and mailboxes are many: only mailboxes that a permission is about are looked
 * up. */
bool send_as_append_addresses(const struct model *model, const struct mailbox *user,
                              struct text *lines)
{
    bool good = !granted(model, user, user->id) || append_all(user, lines);
    for (size_t i = 0; good && i < model_count(model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(model, i);
        if (!is_about(p, user, p->object) || was_seen(model, user, i) ||
            !granted(model, user, p->object))
            continue;
        const struct mailbox *as = model_by_id(model, MODEL_MAILBOX, p->object);
        good = !as || append_all(as, lines);
    }
    return good;
}
