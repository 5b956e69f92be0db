/* SPDX-License-Identifier: Apache-2.0 */
#include "model/permission.h"

#include "model/rights.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(permission, written, member, __VA_ARGS__)

const struct setting permission_settings[] = {
    ROW("Identity", connector, .kind = SETTING_UUID, .flags = SETTING_REQUIRED, .fallback = "00000000-0000-0000-0000-000000000000", .help = "The id of the connector."),
    ROW("User", principal, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 255, .help = "Who: NT AUTHORITY\\ANONYMOUS LOGON, NT AUTHORITY\\Authenticated Users, or a mailbox."),
    ROW("ExtendedRights", rights, .kind = SETTING_FLAGS, .words = right_words, .help = "Which rights are given or denied."),
    ROW("Deny", deny, .kind = SETTING_BOOL, .fallback = "$false", .help = "Deny the rights; a denial wins over every grant."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */
