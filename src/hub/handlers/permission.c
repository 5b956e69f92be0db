/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, Add- and Remove-ADPermission.
 *
 * In Exchange a permission group is nothing but rights, and taking one of them away leaves the
 * others. Here a group is a word of the connector, so a right that comes from it is taken away by a
 * denial; giving it back takes the denial away.
 */
#include "hub/handlers/permission.h"

#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/permission_show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ERROR_MAX_BYTES = 2000 };

/* Who, on what, which rights: what Add- and Remove- are told. */
struct grant {
    enum model_kind kind; /* of the object */
    struct object_id object;
    enum principal principal;
    struct object_id mailbox;
    uint32_t rights;
    bool deny;
};

/* --- reading the parameters --- */

/* The directory calls it Send-As, everybody else Send As. */
static struct slice as_printed(struct slice right)
{
    return slice_equal_nocase(right, SLICE("Send-As")) ? SLICE("Send As") : right;
}

static bool read_rights(struct call *call, struct arena *arena, uint32_t *out_rights)
{
    struct slice written[CALL_LIST_MAX];
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    struct permission scratch = {0};
    size_t count = call_list(call, "ExtendedRights", written, CALL_LIST_MAX);
    for (size_t i = 0; i < count; i++)
        written[i] = as_printed(written[i]);
    if (!setting_parse(setting_exact(permission_settings, SLICE("ExtendedRights")), &scratch, arena,
                       written, count, &error)) {
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    *out_rights = scratch.rights;
    if (!scratch.rights)
        call_fail(call, OPERATION_USAGE, "-ExtendedRights names no right");
    return scratch.rights != 0;
}

/* Other servers have names, but no session is one of them yet. */
bool permission_is_recognised(enum principal principal)
{
    return principal == PRINCIPAL_MAILBOX || principal == PRINCIPAL_ANONYMOUS ||
           principal == PRINCIPAL_AUTHENTICATED || principal == PRINCIPAL_SELF ||
           principal == PRINCIPAL_EXTERNALLY_SECURED || principal == PRINCIPAL_PARTNER_SERVERS;
}

static bool is_recognised(struct call *call, enum principal principal)
{
    if (permission_is_recognised(principal))
        return true;
    call_fail(call, OPERATION_USAGE, "no session is recognised as %s yet",
              principal_name(principal));
    return false;
}

static struct slice without_domain(struct slice user)
{
    struct slice domain, rest = user;
    return slice_take_until(&rest, '\\', &domain) && rest.len ? rest : user;
}

static void fail_nobody(struct call *call, struct slice user)
{
    call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Mailbox",
                  "there is no mailbox \"%.*s\". -User is one of them, or %s (S-1-5-7), %s "
                  "(S-1-5-11), %s (S-1-5-10), %s or %s",
                  SLICE_ARG(slice_first(user, 120)), principal_name(PRINCIPAL_ANONYMOUS),
                  principal_name(PRINCIPAL_AUTHENTICATED), principal_name(PRINCIPAL_SELF),
                  principal_name(PRINCIPAL_EXTERNALLY_SECURED),
                  principal_name(PRINCIPAL_PARTNER_SERVERS));
}

static bool read_user(struct call *call, const struct model *model, enum principal *out_principal,
                      struct object_id *out_mailbox)
{
    struct slice user = call_text(call, "User");
    void *found;
    *out_mailbox = (struct object_id){0};
    if (principal_parse(user, out_principal))
        return true;
    *out_principal = PRINCIPAL_MAILBOX;
    if (model_find(model, MODEL_MAILBOX, without_domain(user), &found, 1) != 1) {
        fail_nobody(call, user);
        return false;
    }
    *out_mailbox = ((const struct mailbox *)found)->id;
    return true;
}

static bool read_grant(struct call *call, struct model *draft, struct grant *out)
{
    *out = (struct grant){.deny = call_switch(call, "Deny")};
    if (!read_rights(call, draft->arena, &out->rights) ||
        !read_user(call, draft, &out->principal, &out->mailbox) ||
        !is_recognised(call, out->principal))
        return false;
    out->kind = out->rights & RIGHT_SEND_AS ? MODEL_MAILBOX : MODEL_RECEIVE_CONNECTOR;
    const struct object *object = call_find(call, draft, out->kind, "Identity");
    if (!object)
        return false;
    out->object = object->id;
    if (out->principal == PRINCIPAL_MAILBOX && object_id_equal(out->mailbox, out->object)) {
        out->principal = PRINCIPAL_SELF; /* one way to say it: a denial must find the grant */
        out->mailbox = (struct object_id){0};
    }
    return true;
}

/* --- Get --- */

static size_t show_all(struct call *call, enum model_kind kind,
                       const struct permission_filter *filter)
{
    const struct model *model = call->hub->model;
    size_t capacity = model_count(model, kind);
    void **objects = calloc(capacity + 1, sizeof(*objects));
    size_t count =
        objects ? model_find(model, kind, call_text(call, "Identity"), objects, capacity) : 0;
    for (size_t i = 0; i < count; i++) {
        permission_show(call, model, kind, objects[i], filter);
        if (kind == MODEL_MAILBOX)
            continue;
        permission_inform_relay(call, model, objects[i]);
        permission_warn_of_open_relay(call, model, objects[i]);
    }
    free(objects);
    return count;
}

void permission_get(struct call *call)
{
    struct permission_filter filter = {.by_user = call_has(call, "User")};
    if (filter.by_user && !read_user(call, call->hub->model, &filter.principal, &filter.mailbox))
        return;
    size_t connectors = show_all(call, MODEL_RECEIVE_CONNECTOR, &filter);
    size_t mailboxes = show_all(call, MODEL_MAILBOX, &filter);
    if (connectors + mailboxes > 0)
        call_done(call);
    else
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ReceiveConnector",
                      "there is no receive connector and no mailbox \"%.*s\"",
                      SLICE_ARG(slice_first(call_text(call, "Identity"), 120)));
}

/* --- changing --- */

static struct permission *find(struct model *draft, const struct grant *grant, bool deny)
{
    return permission_find(draft, grant->object, grant->principal, grant->mailbox, deny);
}

/* Adds rights to the permission that grants or denies, which is made when there is none. */
static bool add_rights(struct call *call, struct change *change, const struct grant *grant,
                       uint32_t rights, bool deny)
{
    struct model *draft = change_draft(change);
    struct permission *p = find(draft, grant, deny);
    if (!p) {
        p = model_object_new(draft, MODEL_PERMISSION);
        if (!p || !model_add(draft, MODEL_PERMISSION, p)) {
            call_fail(call, OPERATION_FAILED, "there is no memory for the permission");
            return false;
        }
        p->id = operation_new_id();
        p->object = grant->object;
        p->principal = (uint32_t)grant->principal;
        p->mailbox = grant->mailbox;
        p->deny = deny;
    }
    p->rights |= rights;
    return change_put(change, MODEL_PERMISSION, p);
}

static void take_rights(struct change *change, struct permission *p, uint32_t rights)
{
    p->rights &= ~rights;
    if (p->rights)
        change_put(change, MODEL_PERMISSION, p);
    else
        change_remove(change, MODEL_PERMISSION, p);
}

/* What the principal has without anybody having given it by hand. */
static uint32_t rights_by_nature(const struct model *draft, const struct grant *grant)
{
    if (grant->kind == MODEL_MAILBOX)
        return grant->principal == PRINCIPAL_SELF ? RIGHT_SEND_AS : 0;
    const struct receive_connector *connector =
        model_by_id(draft, MODEL_RECEIVE_CONNECTOR, grant->object);
    uint32_t rights = 0;
    for (int who = 0; who < RIGHTS_WHO_COUNT; who++)
        for (const enum principal *one = rights_principals((enum rights_who)who); *one; one++)
            if (*one == grant->principal)
                rights |= rights_of_groups(connector->permission_groups, (enum rights_who)who);
    return rights;
}

static void append_rights(struct text *text, uint32_t rights)
{
    struct permission scratch = {.rights = rights};
    setting_print(setting_exact(permission_settings, SLICE("ExtendedRights")), &scratch, text);
}

PRINTF_LIKE(4, 5)
static void inform_rights(struct call *call, uint32_t rights, bool warns, const char *format, ...)
{
    char storage[1000], sentence[400];
    struct text names = text_over(storage, sizeof(storage));
    va_list arguments;
    if (!rights)
        return;
    append_rights(&names, rights);
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (warns)
        call_warn(call, "%.*s: %s", SLICE_ARG(text_slice(&names)), sentence);
    else
        call_inform(call, "%.*s: %s", SLICE_ARG(text_slice(&names)), sentence);
}

static void warn_of_no_effect(struct call *call, uint32_t rights)
{
    inform_rights(call, rights & (RIGHT_ACCEPT_EXCH50 | RIGHT_BYPASS_ANTI_SPAM), true,
                  "kept for your scripts; nothing asks for it yet");
}

/* Add- gives back what Remove- has denied, and then adds what is still missing. */
static void add_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct grant grant;
    if (!read_grant(call, draft, &grant)) {
        operation_refuse(change);
        return;
    }
    struct permission *denied = grant.deny ? NULL : find(draft, &grant, true);
    uint32_t nature = rights_by_nature(draft, &grant);
    uint32_t back = denied ? denied->rights & grant.rights & nature : 0;
    uint32_t still = denied ? denied->rights & grant.rights & ~nature : 0;
    uint32_t add = grant.deny ? grant.rights : grant.rights & ~nature;
    if (!back && !add) {
        operation_refuse(change);
        inform_rights(call, grant.rights, false, "given already, nothing was changed");
        call_done(call);
        return;
    }
    if (back)
        take_rights(change, denied, back);
    if (add && !add_rights(call, change, &grant, add, grant.deny)) {
        operation_refuse(change);
        return;
    }
    inform_rights(call, still, true,
                  "denied, too, and a denial wins; take it away with Remove-ADPermission -Deny");
    warn_of_no_effect(call, grant.rights);
    if (grant.kind == MODEL_RECEIVE_CONNECTOR && !grant.deny)
        permission_warn_of_open_relay(call, draft,
                                      model_by_id(draft, MODEL_RECEIVE_CONNECTOR, grant.object));
    operation_commit(call, change);
}

/* The entries of this command as they are now. */
static void emit_changed(struct call *call)
{
    struct model *model = call->hub->model;
    struct grant grant;
    if (!read_grant(call, model, &grant))
        return;
    struct permission_filter filter = {.by_user = true,
                                       .principal = grant.principal,
                                       .mailbox = grant.mailbox,
                                       .rights = grant.rights};
    permission_show(call, model, grant.kind, model_by_id(model, grant.kind, grant.object), &filter);
}

void permission_add(struct call *call)
{
    operation_change(call, add_edit, emit_changed);
}

static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct grant grant;
    if (!read_grant(call, draft, &grant)) {
        operation_refuse(change);
        return;
    }
    struct permission *p = find(draft, &grant, grant.deny);
    uint32_t by_hand = p ? p->rights & grant.rights : 0;
    uint32_t nature = grant.deny ? 0 : rights_by_nature(draft, &grant) & grant.rights;
    if (!by_hand && !nature) {
        operation_refuse(change);
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ADPermission",
                      "nothing of that is %s to this user here", grant.deny ? "denied" : "granted");
        return;
    }
    if (by_hand)
        take_rights(change, p, by_hand);
    if (nature && !add_rights(call, change, &grant, nature, true)) {
        operation_refuse(change);
        return;
    }
    inform_rights(
        call, nature, false,
        grant.kind == MODEL_MAILBOX
            ? "the own mailbox gives it, so it is denied; Add-ADPermission gives it back"
            : "PermissionGroups gives it, so it is denied; Add-ADPermission gives it back");
    operation_commit(call, change);
}

void permission_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}

/* --- for other nouns --- */

void permission_forget(struct call *call, struct change *change, struct object_id id)
{
    struct model *draft = change_draft(change);
    size_t forgotten = 0;
    for (size_t i = model_count(draft, MODEL_PERMISSION); i > 0; i--) {
        struct permission *p = model_permission(draft, i - 1);
        if (!object_id_equal(p->object, id) && !object_id_equal(p->mailbox, id))
            continue;
        change_remove(change, MODEL_PERMISSION, p);
        forgotten++;
    }
    if (forgotten)
        call_inform(call, "%zu permission%s %s with it", forgotten, forgotten == 1 ? "" : "s",
                    operation_is_dry(call) ? "would go"
                    : forgotten == 1       ? "goes"
                                           : "go");
}

json_t *permission_groups_json(const struct model *model, const struct receive_connector *connector)
{
    struct receive_connector shown = *connector;
    if (permission_by_hand(model, connector->id))
        shown.permission_groups |= GROUP_CUSTOM;
    return json_of_setting(setting_exact(receive_connector_settings, SLICE("PermissionGroups")),
                           &shown);
}
