/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of whoever has addresses: mailboxes and distribution groups. */
#include "model/holder_index.h"
#include "model/rule.h"

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

static bool address_is_good(const struct model_validation *among, const struct holder *holder,
                            struct slice address, struct text *error)
{
    struct holder another;
    if (!has_home(among->model, address, NULL))
        return rule_broken(error,
                           "%.*s: its domain is not an accepted domain. Add it: "
                           "New-AcceptedDomain -Name %.*s -DomainName %.*s.",
                           SLICE_ARG(address), SLICE_ARG(domain_part(address)),
                           SLICE_ARG(domain_part(address)));
    return !holder_index_another(among->holders, HOLDER_ADDRESS, address, holder->object,
                                 &another) ||
           rule_broken(error, "%.*s: %s \"%.*s\" has this address already.", SLICE_ARG(address),
                       another.noun, SLICE_ARG(another.name));
}

static bool addresses_are_good(const struct model_validation *among, const struct holder *holder,
                               struct text *error)
{
    if (!address_is_good(among, holder, holder->primary, error))
        return false;
    for (size_t i = 0; i < holder->further.count; i++)
        if (!address_is_good(among, holder, holder->further.at[i], error))
            return false;
    return true;
}

/* False: there is no memory for it. */
static bool make_index(struct model_validation *among, struct text *error)
{
    if (!among->holders)
        among->holders = holder_index_new(among->model);
    return among->holders || rule_broken(error, "There is no memory to compare the addresses.");
}

static bool name_is_free(const struct model_validation *among, enum holder_claim claim,
                         const struct holder *holder, struct text *error)
{
    struct holder another;
    return !holder_index_another(among->holders, claim, holder->name, holder->object, &another) ||
           rule_broken(error, "Name: there is a %s \"%.*s\" already.", holder->noun,
                       SLICE_ARG(holder->name));
}

/* --- mailboxes --- */

static bool folder_is_free(const struct model_validation *among, const struct mailbox *mailbox,
                           struct text *error)
{
    struct holder another;
    return !holder_index_another(among->holders, HOLDER_FOLDER, mailbox->maildir_name, mailbox,
                                 &another) ||
           rule_broken(error, "MaildirName: mailbox \"%.*s\" has the folder \"%.*s\".",
                       SLICE_ARG(another.name), SLICE_ARG(mailbox->maildir_name));
}

bool rule_mailbox(struct model_validation *among, const struct mailbox *mailbox, struct text *error)
{
    struct holder holder = holder_of_mailbox(mailbox);
    if (mailbox->name.len == 0 || mailbox->primary_smtp_address.len == 0)
        return rule_broken(error, "A mailbox needs a Name and a PrimarySmtpAddress.");
    if (mailbox_has_address(mailbox, mailbox->forwarding_smtp_address))
        return rule_broken(error,
                           "ForwardingSmtpAddress: %.*s is an address of the mailbox "
                           "itself; nothing would be left to forward.",
                           SLICE_ARG(mailbox->forwarding_smtp_address));
    return make_index(among, error) && name_is_free(among, HOLDER_MAILBOX_NAME, &holder, error) &&
           folder_is_free(among, mailbox, error) && addresses_are_good(among, &holder, error);
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
bool rule_distribution_group(struct model_validation *among, const struct distribution_group *group,
                             struct text *error)
{
    struct holder holder = holder_of_group(group);
    if (group->name.len == 0 || group->primary_smtp_address.len == 0)
        return rule_broken(error, "A distribution group needs a Name and a PrimarySmtpAddress.");
    return make_index(among, error) && name_is_free(among, HOLDER_GROUP_NAME, &holder, error) &&
           members_are_addresses(group, error) && addresses_are_good(among, &holder, error);
}
