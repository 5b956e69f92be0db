/* SPDX-License-Identifier: Apache-2.0 */
#include "model/distribution_group.h"

#include "mail/address.h"
#include "model/check.h"
#include "model/mailbox.h"

/* A name becomes an address before it is kept (hub/handlers/distribution_members). */
static bool check_member(const struct setting *row, struct slice written, struct text *error)
{
    size_t unused;
    return slice_find(written, '@', &unused) ? check_address(row, written, error)
                                             : check_name(row, written, error);
}

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(distribution_group, written, member, __VA_ARGS__)

const struct setting distribution_group_settings[] = {
    ROW("DisplayName", display_name, .kind = SETTING_TEXT, .max = 256, .help = "The name people read."),
    ROW("EmailAddresses", email_addresses, .kind = SETTING_TEXT_LIST, .max = 500, .check = check_address, .help = "Further addresses of the group."),
    ROW("Members", members, .kind = SETTING_TEXT_LIST, .flags = SETTING_ONLY_NEW, .max = SETTING_ELEMENTS_MAX, .check = check_member, .help = "Addresses, or names of mailboxes and of other groups. Later: Add-DistributionGroupMember."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .check = check_name, .help = "What the group is called."),
    ROW("PrimarySmtpAddress", primary_smtp_address, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 3, .max = 320, .check = check_address, .help = "The address of the group. Its domain must be an accepted one."),
    ROW("ReportToOriginatorEnabled", report_to_originator, .kind = SETTING_BOOL, .fallback = "$true", .help = "Whether the sender is told of members that could not be reached. $false: nobody is."),
    ROW("RequireSenderAuthenticationEnabled", require_sender_authentication, .kind = SETTING_BOOL, .fallback = "$true", .help = "Only who has logged in (or comes by a connector that is trusted to have seen to it) may write to the group; others are answered 550 5.7.133."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

size_t distribution_group_member_at(const struct distribution_group *group, struct slice member)
{
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    struct slice comparable = mailbox_comparable_address(member, &storage);
    size_t at = 0;
    while (at < group->members.count) {
        const struct mailbox one = {.primary_smtp_address = group->members.at[at]};
        if (mailbox_has_comparable(&one, comparable))
            break;
        at++;
    }
    return at;
}
