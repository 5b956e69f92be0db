/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, Add-, Remove- and Update-DistributionGroupMember. */
#include "hub/handlers/distribution_members.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/transport/address_book.h"
#include "os/clock.h"

enum { SHOWN_MAX = 120, ERROR_MAX = 1200 };

static const struct setting *members_row(void)
{
    return setting_exact(distribution_group_settings, SLICE("Members"));
}

/* --- Get --- */

static json_t *member_json(struct call *call, struct slice address)
{
    struct recipient who = address_book_find(call->hub, address);
    struct slice name = who.mailbox ? who.mailbox->name : who.group ? who.group->name : address;
    const char *type = who.mailbox ? "UserMailbox"
                       : who.group ? "MailUniversalDistributionGroup"
                                   : "MailContact";
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_slice(address));
    json_object_set_new(json, "Name", json_of_slice(name));
    json_object_set_new(json, "RecipientType", json_string(type));
    json_object_set_new(json, "PrimarySmtpAddress", json_of_slice(address));
    return json;
}

void distribution_group_member_get(struct call *call)
{
    int64_t most;
    const struct distribution_group *group =
        call_find(call, call->hub->model, MODEL_DISTRIBUTION_GROUP, "Identity");
    if (!group || !call_result_size(call, INT64_MAX, INT64_MAX, &most))
        return;
    for (size_t i = 0; i < group->members.count && (int64_t)i < most; i++)
        call_emit(call, member_json(call, group->members.at[i]));
    call_done(call);
}

/* --- changes --- */

static void put(struct call *call, struct change *change, struct distribution_group *group)
{
    if (!distribution_members_tidy(call, group, change_draft(change))) {
        operation_refuse(change);
        return;
    }
    group->changed_ms = clock_wall_ms();
    change_put(change, MODEL_DISTRIBUTION_GROUP, group);
    operation_commit(call, change);
}

/* False: the call has failed. */
static bool edit_members(struct call *call, struct distribution_group *group, struct model *draft,
                         struct slice_list add, struct slice_list remove)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof storage);
    if (setting_edit(members_row(), group, draft->arena, add, remove, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

static void end_without_change(struct call *call, struct change *change, struct slice address,
                               const struct distribution_group *group)
{
    call_inform(call, "%.*s is a member of %.*s already, nothing was changed",
                SLICE_ARG(slice_first(address, SHOWN_MAX)), SLICE_ARG(group->name));
    operation_refuse(change);
    call_done(call);
}

static void inform(struct call *call, struct slice address, const struct distribution_group *group,
                   const char *dry, const char *done)
{
    call_inform(call, "%.*s %s a member of %.*s", SLICE_ARG(slice_first(address, SHOWN_MAX)),
                operation_is_dry(call) ? dry : done, SLICE_ARG(group->name));
}

/* The group, and the address of the member the call names. NULL: it has failed, and is refused. */
static struct distribution_group *find_named(struct call *call, struct change *change,
                                             struct slice *out_address)
{
    struct model *draft = change_draft(change);
    struct distribution_group *group = call_find(call, draft, MODEL_DISTRIBUTION_GROUP, "Identity");
    if (group && distribution_member_address(call, draft, call_text(call, "Member"), out_address))
        return group;
    operation_refuse(change);
    return NULL;
}

static void add_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct slice address;
    struct distribution_group *group = find_named(call, change, &address);
    if (!group)
        return;
    if (distribution_group_member_at(group, address) < group->members.count) {
        end_without_change(call, change, address, group);
        return;
    }
    if (!edit_members(call, group, draft, (struct slice_list){&address, 1},
                      (struct slice_list){0})) {
        operation_refuse(change);
        return;
    }
    inform(call, address, group, "would be", "is now");
    put(call, change, group);
}

void distribution_group_member_add(struct call *call)
{
    operation_change(call, add_edit, NULL);
}

/* As it is kept, which may be another spelling. */
static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct slice address;
    struct distribution_group *group = find_named(call, change, &address);
    if (!group)
        return;
    size_t at = distribution_group_member_at(group, address);
    if (at == group->members.count) {
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-DistributionGroupMember",
                      "%.*s is no member of %.*s", SLICE_ARG(slice_first(address, SHOWN_MAX)),
                      SLICE_ARG(group->name));
        operation_refuse(change);
        return;
    }
    struct slice kept = group->members.at[at];
    if (!edit_members(call, group, draft, (struct slice_list){0}, (struct slice_list){&kept, 1})) {
        operation_refuse(change);
        return;
    }
    inform(call, address, group, "would no longer be", "is no longer");
    put(call, change, group);
}

void distribution_group_member_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}

static void update_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof storage);
    json_t *members = json_object_get(call->parameters, "Members");
    struct distribution_group *group = call_find(call, draft, MODEL_DISTRIBUTION_GROUP, "Identity");
    if (!group) {
        operation_refuse(change);
        return;
    }
    if (!parameter_apply(members_row(), members, group, draft->arena, &error)) {
        operation_refuse(change);
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return;
    }
    put(call, change, group);
}

void distribution_group_member_update(struct call *call)
{
    operation_change(call, update_edit, NULL);
}
