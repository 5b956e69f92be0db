/* SPDX-License-Identifier: Apache-2.0 */
/* Get-RoleGroup and Get-RoleGroupMember.
 *
 * A member is a number of this machine, kept in an object of its own, or a token, which holds its
 * role groups itself. Root and the user of the server are members of Organization Management by
 * nature: nothing could take that from them.
 */
#include "model/role_group.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "operations/access.h"

#include <unistd.h>

enum { MEMBER_TEXT_MAX = 96 };

/* One member of one group, as it is printed. */
struct shown {
    struct slice member, label;
    const char *type;
    bool built_in;
};

typedef void shown_fn(void *context, enum role_group group, const struct shown *shown);

static void each_built_in(enum role_group group, shown_fn *show, void *context)
{
    char storage[MEMBER_TEXT_MAX];
    struct text own = text_over(storage, sizeof storage);
    struct shown root = {SLICE("uid:0"), SLICE("root"), "User", true};
    if (group != ROLE_GROUP_ORGANIZATION)
        return;
    show(context, group, &root);
    text_append_format(&own, "uid:%u", (unsigned)geteuid());
    if (geteuid() != 0)
        show(context, group,
             &(struct shown){text_slice(&own), SLICE("the server's user"), "User", true});
}

static void each_member(const struct model *model, enum role_group group, shown_fn *show,
                        void *context)
{
    each_built_in(group, show, context);
    for (size_t i = 0; i < model_count(model, MODEL_ROLE_MEMBER); i++) {
        const struct role_member *member = model_object(model, MODEL_ROLE_MEMBER, i);
        bool is_group = slice_starts(member->member, SLICE("gid:"));
        if (member->role_groups & (uint32_t)group)
            show(
                context, group,
                &(struct shown){member->member, member->label, is_group ? "Group" : "User", false});
    }
    for (size_t i = 0; i < model_count(model, MODEL_MANAGEMENT_TOKEN); i++) {
        const struct management_token *token = model_object(model, MODEL_MANAGEMENT_TOKEN, i);
        char storage[MEMBER_TEXT_MAX];
        struct text member = text_over(storage, sizeof storage);
        text_append_c(&member, "token:");
        text_append(&member, token->name);
        if (token->role_groups & (uint32_t)group)
            show(context, group,
                 &(struct shown){text_slice(&member), token->description, "Token", false});
    }
}

static void append_member(void *context, enum role_group group, const struct shown *shown)
{
    struct text text = text_with_ceiling(1024);
    (void)group;
    append_clean(&text, shown->member);
    if (shown->label.len && shown->type[0] != 'T') {
        text_append_c(&text, " (");
        append_clean(&text, shown->label);
        text_append_c(&text, ")");
    }
    json_array_append_new(context, json_of_slice(text_slice(&text)));
    text_deinit(&text);
}

static json_t *json_of_roles(const char *roles)
{
    struct slice rest = slice_of(roles), one;
    json_t *array = json_array();
    while (slice_take_field(&rest, ',', &one))
        json_array_append_new(array, json_of_slice(slice_trim(one)));
    return array;
}

/* Runs `show` for each role group that Identity means. False: the call has failed. */
static bool each_group(struct call *call, void (*show)(struct call *, size_t index))
{
    size_t found = 0;
    struct slice written = call_text(call, "Identity");
    for (size_t i = 0; i < ROLE_GROUPS; i++) {
        if (call_has(call, "Identity") &&
            !model_name_matches(written, slice_of(role_group_name(role_groups[i].group))))
            continue;
        show(call, i);
        found++;
    }
    if (!found)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-RoleGroup", "there is no role group \"%.*s\"",
                      SLICE_ARG(slice_first(written, 120)));
    return found > 0;
}

static void show_group(struct call *call, size_t index)
{
    const struct role_group_facts *facts = &role_groups[index];
    json_t *group = json_object(), *members = json_array();
    each_member(call->hub->model, facts->group, append_member, members);
    json_object_set_new(group, "Name", json_string(role_group_name(facts->group)));
    json_object_set_new(group, "Description", json_string(facts->description));
    json_object_set_new(group, "Roles", json_of_roles(facts->roles));
    json_object_set_new(group, "Members", members);
    call_emit(call, group);
}

void role_group_get(struct call *call)
{
    if (each_group(call, show_group))
        call_done(call);
}

static void emit_member(void *context, enum role_group group, const struct shown *shown)
{
    json_t *object = json_object();
    json_object_set_new(object, "RoleGroup", json_string(role_group_name(group)));
    json_object_set_new(object, "Member", json_of_slice(shown->member));
    json_object_set_new(object, "Label", json_of_slice(shown->label));
    json_object_set_new(object, "RecipientType", json_string(shown->type));
    json_object_set_new(object, "BuiltIn", json_boolean(shown->built_in));
    call_emit(context, object);
}

static void show_members(struct call *call, size_t index)
{
    each_member(call->hub->model, role_groups[index].group, emit_member, call);
}

void role_group_member_get(struct call *call)
{
    if (each_group(call, show_members))
        call_done(call);
}
