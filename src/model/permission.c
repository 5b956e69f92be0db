/* SPDX-License-Identifier: Apache-2.0 */
#include "model/permission.h"

#include "model/rights.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(permission, written, member, __VA_ARGS__)
#define NOBODY "00000000-0000-0000-0000-000000000000"

const struct setting permission_settings[] = {
    ROW("Object", object, .kind = SETTING_UUID, .flags = SETTING_REQUIRED, .fallback = NOBODY, .help = "The id of the connector, or of the mailbox of Send As."),
    ROW("Principal", principal, .kind = SETTING_ENUM, .words = principal_words, .fallback = "Mailbox", .help = "Who: a sort of clients, or one mailbox."),
    ROW("Mailbox", mailbox, .kind = SETTING_UUID, .fallback = NOBODY, .help = "The id of the mailbox it is for."),
    ROW("ExtendedRights", rights, .kind = SETTING_FLAGS, .words = right_words, .help = "Which rights are given or denied."),
    ROW("Deny", deny, .kind = SETTING_BOOL, .fallback = "$false", .help = "Deny the rights; a denial wins over every grant."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

struct permission *permission_find(const struct model *model, struct object_id object,
                                   enum principal principal, struct object_id mailbox, bool deny)
{
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++) {
        struct permission *p = model_permission(model, i);
        if (object_id_equal(p->object, object) && p->principal == (uint32_t)principal &&
            object_id_equal(p->mailbox, mailbox) && p->deny == deny)
            return p;
    }
    return NULL;
}
