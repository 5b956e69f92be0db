/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set- and Remove-DistributionGroup. Its members have a file of their own. */
#include "hub/handlers/distribution_members.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/mailbox_addresses.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

/* Members may be thousands: they have a cmdlet of their own. */
static json_t *group_json(struct call *call, const void *object)
{
    (void)call;
    const struct distribution_group *group = object;
    json_t *json = json_of_object(MODEL_DISTRIBUTION_GROUP, group);
    json_object_del(json, "Members");
    json_object_set_new(json, "MemberCount", json_integer((json_int_t)group->members.count));
    return json;
}

void distribution_group_get(struct call *call)
{
    operation_get(call, MODEL_DISTRIBUTION_GROUP, "Identity", group_json);
}

static struct distribution_group *add_group(struct call *call, struct model *draft)
{
    struct work *work = call->scratch;
    struct distribution_group *group = model_object_new(draft, MODEL_DISTRIBUTION_GROUP);
    if (!group || !model_add(draft, MODEL_DISTRIBUTION_GROUP, group)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the group");
        return NULL;
    }
    work->id = group->id = operation_new_id();
    group->created_ms = group->changed_ms = clock_wall_ms();
    return group;
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct distribution_group *group = NULL;
    if (operation_is_free(call, draft, MODEL_DISTRIBUTION_GROUP, "Name") &&
        operation_is_free(call, draft, MODEL_DISTRIBUTION_GROUP, "PrimarySmtpAddress"))
        group = add_group(call, draft);
    if (!group || !call_apply_settings(call, group, draft->arena) ||
        !distribution_members_tidy(call, group, draft)) {
        operation_refuse(change);
        return;
    }
    change_put(change, MODEL_DISTRIBUTION_GROUP, group);
    operation_commit(call, change);
}

static void emit_group(struct call *call)
{
    operation_emit_changed(call, MODEL_DISTRIBUTION_GROUP, group_json);
}

void distribution_group_new(struct call *call)
{
    mailbox_addresses_normalize(call);
    if (call_work(call, SLICE("")))
        operation_change(call, new_edit, emit_group);
}

/* Mail to the former primary address goes on arriving, as with mailboxes. */
static bool keep_former(struct call *call, struct distribution_group *group, struct slice former,
                        struct arena *arena)
{
    struct mailbox addresses = {.name = group->name,
                                .primary_smtp_address = group->primary_smtp_address,
                                .email_addresses = group->email_addresses};
    if (!mailbox_addresses_keep(call, &addresses, former, arena)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the addresses");
        return false;
    }
    group->email_addresses = addresses.email_addresses;
    return true;
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct distribution_group *group = call_find(call, draft, MODEL_DISTRIBUTION_GROUP, "Identity");
    struct slice former = group ? group->primary_smtp_address : (struct slice){0};
    if (!group || !call_apply_settings(call, group, draft->arena) ||
        !keep_former(call, group, former, draft->arena)) {
        operation_refuse(change);
        return;
    }
    group->changed_ms = clock_wall_ms();
    const void *before = model_by_id(call->hub->model, MODEL_DISTRIBUTION_GROUP, group->id);
    if (before)
        operation_inform_difference(call, MODEL_DISTRIBUTION_GROUP, before, group);
    change_put(change, MODEL_DISTRIBUTION_GROUP, group);
    operation_commit(call, change);
}

void distribution_group_set(struct call *call)
{
    mailbox_addresses_normalize(call);
    operation_change(call, set_edit, NULL);
}

static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct distribution_group *group = call_find(call, draft, MODEL_DISTRIBUTION_GROUP, "Identity");
    if (!group || !operation_may_remove(call, draft, MODEL_DISTRIBUTION_GROUP, group)) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "distribution group %.*s %s", SLICE_ARG(group->name),
                operation_is_dry(call) ? "would be removed" : "is removed");
    change_remove(change, MODEL_DISTRIBUTION_GROUP, group);
    operation_commit(call, change);
}

void distribution_group_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
