/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of whoever has addresses: mailboxes and distribution groups. */
#include "model/rule.h"

enum { ADDRESS_BYTES = 2048 };

/* What both have, as the rules look at it. */
struct holder {
    const char *noun; /* "mailbox" */
    const void *object;
    struct slice name, primary;
    struct slice_list further;
};

static struct holder holder_of_mailbox(const struct mailbox *mailbox)
{
    return (struct holder){"mailbox", mailbox, mailbox->name, mailbox->primary_smtp_address,
                           mailbox->email_addresses};
}

static struct holder holder_of_group(const struct distribution_group *group)
{
    return (struct holder){"distribution group", group, group->name, group->primary_smtp_address,
                           group->email_addresses};
}

static struct slice domain_part(struct slice address)
{
    size_t at;
    while (slice_find(address, '@', &at))
        address = slice_after(address, at + 1);
    return address;
}

/* Whether an accepted domain other than `gone` holds the address. */
static bool has_home(const struct model *model, struct slice address,
                     const struct accepted_domain *gone)
{
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++) {
        const struct accepted_domain *domain = model_accepted_domain(model, i);
        if (domain != gone && accepted_domain_holds(domain, domain_part(address)))
            return true;
    }
    return false;
}

static bool is_homeless(const struct model *model, const struct holder *holder,
                        const struct accepted_domain *gone)
{
    bool homeless = !has_home(model, holder->primary, gone);
    for (size_t i = 0; i < holder->further.count; i++)
        homeless = homeless || !has_home(model, holder->further.at[i], gone);
    return homeless;
}

bool rule_addresses_without(const struct model *model, const struct accepted_domain *gone,
                            struct text *error)
{
    size_t mailboxes = model_count(model, MODEL_MAILBOX);
    size_t groups = model_count(model, MODEL_DISTRIBUTION_GROUP);
    for (size_t i = 0; i < mailboxes + groups; i++) {
        struct holder holder =
            i < mailboxes ? holder_of_mailbox(model_mailbox(model, i))
                          : holder_of_group(model_distribution_group(model, i - mailboxes));
        if (is_homeless(model, &holder, gone))
            return rule_broken(error, "DomainName: %s \"%.*s\" has an address in %.*s.",
                               holder.noun, SLICE_ARG(holder.name), SLICE_ARG(gone->domain_name));
    }
    return true;
}

/* --- addresses --- */

static bool is_taken(struct slice address, const char *noun, struct slice name, struct text *error)
{
    rule_broken(error, "%.*s: %s \"%.*s\" has this address already.", SLICE_ARG(address), noun,
                SLICE_ARG(name));
    return true;
}

static bool another_has(const struct model *model, const struct holder *holder,
                        struct slice address, struct text *error)
{
    char bytes[ADDRESS_BYTES];
    struct text storage = text_over(bytes, sizeof bytes);
    struct slice comparable = mailbox_comparable_address(address, &storage);
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++) {
        const struct mailbox *other = model_mailbox(model, i);
        if (other != holder->object && mailbox_has_comparable(other, comparable))
            return is_taken(address, "mailbox", other->name, error);
    }
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++) {
        const struct distribution_group *other = model_distribution_group(model, i);
        if (other != holder->object && distribution_group_has_comparable(other, comparable))
            return is_taken(address, "distribution group", other->name, error);
    }
    return false;
}

static bool address_is_good(const struct model *model, const struct holder *holder,
                            struct slice address, struct text *error)
{
    if (!has_home(model, address, NULL))
        return rule_broken(error,
                           "%.*s: its domain is not an accepted domain. Add it: "
                           "New-AcceptedDomain -Name %.*s -DomainName %.*s.",
                           SLICE_ARG(address), SLICE_ARG(domain_part(address)),
                           SLICE_ARG(domain_part(address)));
    return !another_has(model, holder, address, error);
}

static bool addresses_are_good(const struct model *model, const struct holder *holder,
                               struct text *error)
{
    if (!address_is_good(model, holder, holder->primary, error))
        return false;
    for (size_t i = 0; i < holder->further.count; i++)
        if (!address_is_good(model, holder, holder->further.at[i], error))
            return false;
    return true;
}

/* --- mailboxes --- */

static bool mailbox_name_is_free(const struct model *model, const struct mailbox *mailbox,
                                 struct text *error)
{
    for (size_t i = 0; i < model_count(model, MODEL_MAILBOX); i++) {
        const struct mailbox *other = model_mailbox(model, i);
        if (other == mailbox)
            continue;
        if (slice_equal_nocase(other->name, mailbox->name))
            return rule_broken(error, "Name: there is a mailbox \"%.*s\" already.",
                               SLICE_ARG(mailbox->name));
        if (mailbox->maildir_name.len && slice_equal(other->maildir_name, mailbox->maildir_name))
            return rule_broken(error, "MaildirName: mailbox \"%.*s\" has the folder \"%.*s\".",
                               SLICE_ARG(other->name), SLICE_ARG(mailbox->maildir_name));
    }
    return true;
}

bool rule_mailbox(const struct model *model, const struct mailbox *mailbox, struct text *error)
{
    struct holder holder = holder_of_mailbox(mailbox);
    if (mailbox->name.len == 0 || mailbox->primary_smtp_address.len == 0)
        return rule_broken(error, "A mailbox needs a Name and a PrimarySmtpAddress.");
    if (mailbox_has_address(mailbox, mailbox->forwarding_smtp_address))
        return rule_broken(error,
                           "ForwardingSmtpAddress: %.*s is an address of the mailbox "
                           "itself; nothing would be left to forward.",
                           SLICE_ARG(mailbox->forwarding_smtp_address));
    return mailbox_name_is_free(model, mailbox, error) && addresses_are_good(model, &holder, error);
}

/* --- distribution groups --- */

static bool members_are_addresses(const struct distribution_group *group, struct text *error)
{
    for (size_t i = 0; i < group->members.count; i++) {
        size_t unused;
        if (!slice_find(group->members.at[i], '@', &unused))
            return rule_broken(error, "Members: %.*s is no address.",
                               SLICE_ARG(group->members.at[i]));
    }
    return true;
}

/* Groups may hold each other: model/expansion goes through each once. */
bool rule_distribution_group(const struct model *model, const struct distribution_group *group,
                             struct text *error)
{
    struct holder holder = holder_of_group(group);
    if (group->name.len == 0 || group->primary_smtp_address.len == 0)
        return rule_broken(error, "A distribution group needs a Name and a PrimarySmtpAddress.");
    for (size_t i = 0; i < model_count(model, MODEL_DISTRIBUTION_GROUP); i++) {
        const struct distribution_group *other = model_distribution_group(model, i);
        if (other != group && slice_equal_nocase(other->name, group->name))
            return rule_broken(error, "Name: there is a distribution group \"%.*s\" already.",
                               SLICE_ARG(group->name));
    }
    return members_are_addresses(group, error) && addresses_are_good(model, &holder, error);
}
