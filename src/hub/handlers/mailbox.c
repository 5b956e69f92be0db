/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set- and Remove-Mailbox.
 *
 * A password goes to the vault before the change begins: nothing waits while a draft is open. What
 * comes back is sealed, and only the vault can use it.
 */
#include "hub/handlers/handlers.h"
#include "hub/handlers/mailbox_addresses.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/permission.h"
#include "hub/vault_link.h"
#include "os/clock.h"

enum { PASSWORD_MAX = 512 };

static json_t *mailbox_json(struct call *call, const void *object)
{
    (void)call;
    return json_of_object(MODEL_MAILBOX, object);
}

void mailbox_get(struct call *call)
{
    operation_get(call, MODEL_MAILBOX, "Identity", mailbox_json);
}

static void emit_mailbox(struct call *call)
{
    operation_emit_changed(call, MODEL_MAILBOX, mailbox_json);
}

/* --- the password first --- */

/* Begins the change once the verifier is made; at once without a password and with -WhatIf. */
static void change_with_password(struct call *call, work_edit_fn *edit, work_after_fn *after)
{
    struct work *work = call->scratch;
    struct slice password = call_text(call, "Password");
    if (!call_has(call, "Password") || operation_is_dry(call)) {
        operation_change(call, edit, after);
        return;
    }
    if (password.len == 0 || password.len > PASSWORD_MAX) {
        call_fail(call, OPERATION_USAGE, "a password has 1 to %d bytes", PASSWORD_MAX);
        return;
    }
    work->edit = edit;
    work->after = after;
    vault_make_verifier(call->hub, work->id, password, operation_change_sealed, call);
}

static void keep_verifier(struct call *call, struct change *change, struct mailbox *mailbox)
{
    struct slice sealed = work_bytes(call);
    if (call_has(call, "Password"))
        mailbox->has_password = true;
    if (sealed.len > 0)
        change_secret(change, "account", mailbox->id, sealed);
}

/* --- New --- */

/* The folder below the mail root. */
static bool name_folder(struct call *call, struct mailbox *mailbox)
{
    if (mailbox->maildir_name.len > 0)
        return true;
    if (mailbox_name_is_folder(mailbox->name)) {
        mailbox->maildir_name = mailbox->name;
        return true;
    }
    call_fail(call, OPERATION_USAGE,
              "\"%.*s\" cannot be the name of a folder: letters, digits, dot, - and _ may, and no "
              "dot in front; or give -MaildirName",
              SLICE_ARG(mailbox->name));
    return false;
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    const struct work *work = call->scratch;
    if (!operation_is_free(call, draft, MODEL_MAILBOX, "Name") ||
        !operation_is_free(call, draft, MODEL_MAILBOX, "PrimarySmtpAddress")) {
        operation_refuse(change);
        return;
    }
    struct mailbox *mailbox = model_object_new(draft, MODEL_MAILBOX);
    if (!mailbox || !model_add(draft, MODEL_MAILBOX, mailbox)) {
        operation_refuse(change);
        call_fail(call, OPERATION_FAILED, "there is no memory for the mailbox");
        return;
    }
    mailbox->id = work->id;
    mailbox->created_ms = mailbox->changed_ms = clock_wall_ms();
    if (!call_apply_settings(call, mailbox, draft->arena) || !name_folder(call, mailbox)) {
        operation_refuse(change);
        return;
    }
    keep_verifier(call, change, mailbox);
    if (!mailbox->has_password)
        call_warn(call, "nobody can log in as %.*s without a password", SLICE_ARG(mailbox->name));
    change_put(change, MODEL_MAILBOX, mailbox);
    operation_commit(call, change);
}

void mailbox_new(struct call *call)
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return;
    work->id = operation_new_id();
    mailbox_addresses_normalize(call);
    change_with_password(call, new_edit, emit_mailbox);
}

/* --- Set --- */

/* A verifier is good for the mailbox alone that it was made for. */
static bool is_meant(const struct call *call, const struct mailbox *mailbox)
{
    const struct work *work = call->scratch;
    return !call_has(call, "Password") || object_id_equal(mailbox->id, work->id);
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct mailbox *mailbox = call_find(call, draft, MODEL_MAILBOX, "Identity");
    if (!mailbox || !is_meant(call, mailbox)) {
        operation_refuse(change);
        if (mailbox)
            call_fail(call, OPERATION_CONFLICT, "the mailbox was exchanged meanwhile; try again");
        return;
    }
    struct slice former = mailbox->primary_smtp_address;
    if (!call_apply_settings(call, mailbox, draft->arena)) {
        operation_refuse(change);
        return;
    }
    if (!mailbox_addresses_keep(call, mailbox, former, draft->arena)) {
        operation_refuse(change);
        call_fail(call, OPERATION_FAILED, "there is no memory for the addresses");
        return;
    }
    mailbox->changed_ms = clock_wall_ms();
    keep_verifier(call, change, mailbox);
    const void *before = model_by_id(call->hub->model, MODEL_MAILBOX, mailbox->id);
    if (before)
        operation_inform_difference(call, MODEL_MAILBOX, before, mailbox);
    change_put(change, MODEL_MAILBOX, mailbox);
    operation_commit(call, change);
}

void mailbox_set(struct call *call)
{
    struct work *work = call_work(call, SLICE(""));
    mailbox_addresses_normalize(call);
    if (!call_has(call, "Password")) {
        operation_change(call, set_edit, NULL);
        return;
    }
    const struct mailbox *mailbox =
        work ? call_find(call, call->hub->model, MODEL_MAILBOX, "Identity") : NULL;
    if (!mailbox)
        return;
    work = call->scratch;
    work->id = mailbox->id;
    change_with_password(call, set_edit, NULL);
}

/* --- Remove --- */

static void remove_edit(struct call *call, struct change *change)
{
    struct mailbox *mailbox = call_find(call, change_draft(change), MODEL_MAILBOX, "Identity");
    if (!mailbox || !operation_may_remove(call, change_draft(change), MODEL_MAILBOX, mailbox)) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "mailbox %.*s %s; the mail in its folder stays", SLICE_ARG(mailbox->name),
                operation_is_dry(call) ? "would be removed" : "is removed");
    if (mailbox->has_password)
        change_secret(change, "account", mailbox->id, SLICE(""));
    permission_forget(call, change, mailbox->id);
    change_remove(change, MODEL_MAILBOX, mailbox);
    operation_commit(call, change);
}

void mailbox_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
