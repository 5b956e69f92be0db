/* SPDX-License-Identifier: Apache-2.0 */
/* Add- and Remove-RoleGroupMember. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "model/role_group.h"

#include <unistd.h>

struct membership { /* what Add- and Remove- are told */
    enum role_group group;
    struct slice member;            /* "uid:1000"; empty: */
    struct management_token *token; /* of the draft */
};

static bool read_group(struct call *call, enum role_group *out_group)
{
    struct slice written = call_text(call, "Identity");
    if (role_group_parse(written, out_group))
        return true;
    call_fail_fix(call, OPERATION_NOT_FOUND, "Get-RoleGroup", "there is no role group \"%.*s\"",
                  SLICE_ARG(slice_first(written, 120)));
    return false;
}

static bool is_built_in(struct call *call, struct slice member)
{
    bool is_group = true;
    uint32_t number = 0;
    if (!role_member_parse(member, &is_group, &number) || is_group ||
        (number != 0 && number != geteuid()))
        return false;
    call_fail(call, OPERATION_USAGE,
              "%s is always in \"%s\", and in no other role group; nothing can change that",
              number == 0 ? "root" : "the user the server runs as",
              role_group_name(ROLE_GROUP_ORGANIZATION));
    return true;
}

static bool read_token(struct call *call, struct model *draft, struct slice name,
                       struct management_token **out_token)
{
    *out_token = management_token_of_name(draft, name);
    if (!*out_token)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ManagementToken",
                      "there is no management token \"%.*s\"", SLICE_ARG(slice_first(name, 120)));
    return *out_token != NULL;
}

static bool has_no_label(struct call *call)
{
    if (!call_has(call, "Label"))
        return true;
    call_fail(call, OPERATION_USAGE, "-Label is for users and groups: a token has its name");
    return false;
}

static bool read_membership(struct call *call, struct model *draft, struct membership *out)
{
    struct slice written = call_text(call, "Member"), name = written;
    bool is_group;
    uint32_t number;
    *out = (struct membership){0};
    if (!read_group(call, &out->group))
        return false;
    if (slice_take_prefix(&name, SLICE("token:")))
        return read_token(call, draft, name, &out->token) && has_no_label(call);
    out->member = written;
    if (is_built_in(call, written))
        return false;
    if (role_member_parse(written, &is_group, &number))
        return true;
    call_fail(call, OPERATION_USAGE,
              "-Member \"%.*s\": the server knows numbers, not names. `postern` looks names up; "
              "else write uid:1000, gid:1001 or token:NAME",
              SLICE_ARG(slice_first(written, 120)));
    return false;
}

static struct role_member *member_new(struct call *call, struct model *draft, struct slice written)
{
    struct role_member *member = model_object_new(draft, MODEL_ROLE_MEMBER);
    if (!member || !model_add(draft, MODEL_ROLE_MEMBER, member) ||
        !arena_copy(draft->arena, written, &member->member)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the member");
        return NULL;
    }
    member->id = operation_new_id();
    return member;
}

static bool set_label(struct call *call, struct model *draft, struct role_member *member)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    struct slice label = call_text(call, "Label");
    if (!label.len || setting_parse(setting_exact(role_member_settings, SLICE("Label")), member,
                                    draft->arena, &label, 1, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

static bool end_without_change(struct call *call, struct change *change)
{
    operation_refuse(change);
    call_inform(call, "it is in the role group already, nothing was changed");
    call_done(call);
    return true;
}

/* "uid:1000 (alice) is in "Queue Management" now". */
static void inform(struct call *call, const struct membership *m, const char *dry, const char *done)
{
    struct slice label = call_text(call, "Label");
    struct text who = text_with_ceiling(1024);
    append_clean(&who, slice_first(call_text(call, "Member"), 120));
    if (label.len) {
        text_append_c(&who, " (");
        append_clean(&who, slice_first(label, 120));
        text_append_c(&who, ")");
    }
    call_inform(call, "%.*s %s \"%s\"", SLICE_ARG(text_slice(&who)),
                operation_is_dry(call) ? dry : done, role_group_name(m->group));
    text_deinit(&who);
}

static void add_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct membership m;
    if (!read_membership(call, draft, &m)) {
        operation_refuse(change);
        return;
    }
    struct role_member *member = m.token ? NULL : role_member_of(draft, m.member);
    uint32_t before = m.token ? m.token->role_groups : member ? member->role_groups : 0;
    if (before & (uint32_t)m.group && end_without_change(call, change))
        return;
    inform(call, &m, "would be in", "is now in");
    if (m.token) {
        m.token->role_groups |= (uint32_t)m.group;
        change_put(change, MODEL_MANAGEMENT_TOKEN, m.token);
        operation_commit(call, change);
        return;
    }
    member = member ? member : member_new(call, draft, m.member);
    if (!member || !set_label(call, draft, member)) {
        operation_refuse(change);
        return;
    }
    member->role_groups |= (uint32_t)m.group;
    change_put(change, MODEL_ROLE_MEMBER, member);
    operation_commit(call, change);
}

void role_group_member_add(struct call *call)
{
    operation_change(call, add_edit, NULL);
}

static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct membership m;
    if (!read_membership(call, draft, &m)) {
        operation_refuse(change);
        return;
    }
    struct role_member *member = m.token ? NULL : role_member_of(draft, m.member);
    uint32_t *groups = m.token ? &m.token->role_groups : member ? &member->role_groups : NULL;
    if (!groups || !(*groups & (uint32_t)m.group)) {
        operation_refuse(change);
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-RoleGroupMember",
                      "it is not in the role group \"%s\"", role_group_name(m.group));
        return;
    }
    inform(call, &m, "would no longer be in", "is no longer in");
    *groups &= ~(uint32_t)m.group;
    if (m.token)
        change_put(change, MODEL_MANAGEMENT_TOKEN, m.token);
    else if (*groups)
        change_put(change, MODEL_ROLE_MEMBER, member);
    else
        change_remove(change, MODEL_ROLE_MEMBER, member);
    operation_commit(call, change);
}

void role_group_member_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
