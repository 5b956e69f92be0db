/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/access.h"

/* clang-format off */
const struct role_group_facts role_groups[ROLE_GROUPS] = {
    {ROLE_GROUP_ORGANIZATION, OPERATION_VIEW | OPERATION_CERTIFICATES | OPERATION_QUEUE | OPERATION_RECIPIENTS | OPERATION_ADMINISTER,
     "Organization Configuration, Role Management, Mail Recipients, Distribution Groups, Exchange Server Certificates, Transport Queues, View-Only Configuration",
     "May do everything: the configuration, mailboxes, and who else may manage the server."},
    {ROLE_GROUP_CERTIFICATES, OPERATION_VIEW | OPERATION_CERTIFICATES,
     "Exchange Server Certificates, View-Only Configuration",
     "May see everything, and make, import, export, enable and remove certificates."},
    {ROLE_GROUP_RECIPIENTS, OPERATION_VIEW | OPERATION_RECIPIENTS,
     "Mail Recipients, Distribution Groups, View-Only Configuration",
     "May see everything, and manage mailboxes, their passwords, and distribution groups."},
    {ROLE_GROUP_QUEUES, OPERATION_VIEW | OPERATION_QUEUE,
     "Transport Queues, View-Only Configuration",
     "May see everything, and act on mail and sessions under way."},
    {ROLE_GROUP_VIEW, OPERATION_VIEW,
     "View-Only Configuration",
     "May see everything and change nothing."},
};
/* clang-format on */

uint32_t access_rights_of(uint32_t groups)
{
    uint32_t rights = 0;
    for (size_t i = 0; i < ROLE_GROUPS; i++)
        if (groups & (uint32_t)role_groups[i].group)
            rights |= role_groups[i].rights;
    return rights;
}

bool access_allowed(uint32_t groups, enum operation_right right)
{
    return access_rights_of(groups) & (uint32_t)right;
}

enum role_group access_needed(enum operation_right right)
{
    size_t least = ROLE_GROUPS - 1;
    while (least > 0 && !(role_groups[least].rights & (uint32_t)right))
        least--;
    return role_groups[least].group;
}

bool access_append_refusal(struct text *text, struct slice what, enum operation_right right,
                           uint32_t groups, struct slice actor)
{
    text_append_format(text, "%.*s needs the role group \"%s\"; %.*s has ", SLICE_ARG(what),
                       role_group_name(access_needed(right)), SLICE_ARG(actor));
    return role_groups_append(text, groups);
}
