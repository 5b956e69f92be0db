/* SPDX-License-Identifier: Apache-2.0 */
#include "model/mailbox.h"

#include "mail/address.h"
#include "model/check.h"
#include "model/model.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(mailbox, written, member, __VA_ARGS__)

const struct setting mailbox_settings[] = {
    ROW("DeliverToMailboxAndForward", deliver_and_forward, .kind = SETTING_BOOL, .fallback = "$false", .help = "Mail that is forwarded is kept in the mailbox, too."),
    ROW("DisplayName", display_name, .kind = SETTING_TEXT, .max = 256, .help = "The name people read."),
    ROW("EmailAddresses", email_addresses, .kind = SETTING_TEXT_LIST, .max = 500, .check = check_address, .help = "Further addresses the mailbox receives for and may send as."),
    ROW("Enabled", enabled, .kind = SETTING_BOOL, .fallback = "$true", .help = "A disabled mailbox receives nothing and cannot log in."),
    ROW("ForwardingSmtpAddress", forwarding_smtp_address, .kind = SETTING_TEXT, .max = 320, .check = check_address, .help = "Mail for the mailbox goes to this address, with the sender it came with. $null ends that."),
    ROW("HasPassword", has_password, .kind = SETTING_BOOL, .fallback = "$false", .flags = SETTING_READ_ONLY, .help = "Whether it can log in with a password."),
    ROW("MaildirName", maildir_name, .kind = SETTING_TEXT, .flags = SETTING_ONLY_NEW, .max = 255, .check = check_folder_name, .help = "Its folder below the mail root."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .check = check_name, .help = "What the mailbox is called, and its login name."),
    ROW("PrimarySmtpAddress", primary_smtp_address, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 3, .max = 320, .check = check_address, .help = "The address it sends as. Its domain must be an accepted one."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

static bool is_plain(struct slice address)
{
    size_t unused;
    return slice_all_ascii(address) && !slice_find(address, '"', &unused);
}

struct slice mailbox_comparable_address(struct slice address, struct text *storage)
{
    struct address parsed;
    if (is_plain(address))
        return address;
    struct address_options options = {.utf8 = true, .long_addresses = true};
    if (address_parse(address, &options, &parsed) == ADDRESS_OK &&
        address_append_canonical(storage, &parsed))
        return text_slice(storage);
    return address;
}

bool mailbox_keep_comparable(struct arena *arena, struct slice *address)
{
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    struct slice comparable = mailbox_comparable_address(*address, &storage);
    return comparable.at != bytes || arena_copy(arena, comparable, address);
}

static bool is_same(struct slice own, struct slice comparable)
{
    if (slice_equal_nocase(own, comparable))
        return true;
    if (is_plain(own))
        return false;
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    return slice_equal_nocase(mailbox_comparable_address(own, &storage), comparable);
}

bool mailbox_has_address(const struct mailbox *mailbox, struct slice written)
{
    char bytes[ADDRESS_LONG_MAX + 1];
    struct text storage = text_over(bytes, sizeof bytes);
    return mailbox_has_comparable(mailbox, mailbox_comparable_address(written, &storage));
}

bool mailbox_has_comparable(const struct mailbox *mailbox, struct slice address)
{
    if (address.len == 0)
        return false;
    if (is_same(mailbox->primary_smtp_address, address))
        return true;
    for (size_t i = 0; i < mailbox->email_addresses.count; i++)
        if (is_same(mailbox->email_addresses.at[i], address))
            return true;
    return false;
}

bool mailbox_name_is_folder(struct slice name)
{
    bool safe = name.len > 0 && name.at[0] != '.';
    for (size_t i = 0; safe && i < name.len; i++)
        safe = ascii_is_alnum(name.at[i]) ||
               slice_contains(SLICE("._-"), slice_first(slice_after(name, i), 1));
    return safe;
}

const struct mailbox *mailbox_of_address(const struct model *model, struct slice address)
{
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++)
        if (mailbox_has_address(model_mailbox(model, i), address))
            return model_mailbox(model, i);
    return NULL;
}

const struct mailbox *mailbox_of_login(const struct model *model, struct slice login)
{
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++)
        if (slice_equal_nocase(model_mailbox(model, i)->name, login))
            return model_mailbox(model, i);
    return mailbox_of_address(model, login);
}
