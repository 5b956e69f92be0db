/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set- and Remove-AcceptedDomain. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

static json_t *domain_json(struct call *call, const void *object)
{
    (void)call;
    return json_of_object(MODEL_ACCEPTED_DOMAIN, object);
}

void accepted_domain_get(struct call *call)
{
    operation_get(call, MODEL_ACCEPTED_DOMAIN, "Identity", domain_json);
}

/* There is one default: the new one takes it over from the old one. */
static void take_over_default(struct change *change, const struct accepted_domain *heir)
{
    struct model *draft = change_draft(change);
    size_t count = model_count(draft, MODEL_ACCEPTED_DOMAIN);
    for (size_t i = 0; heir->is_default && i < count; i++) {
        struct accepted_domain *other = model_accepted_domain(draft, i);
        if (other == heir || !other->is_default)
            continue;
        other->is_default = false;
        other->changed_ms = heir->changed_ms;
        change_put(change, MODEL_ACCEPTED_DOMAIN, other);
    }
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct work *work = call->scratch;
    if (!operation_is_free(call, draft, MODEL_ACCEPTED_DOMAIN, "Name") ||
        !operation_is_free(call, draft, MODEL_ACCEPTED_DOMAIN, "DomainName")) {
        operation_refuse(change);
        return;
    }
    struct accepted_domain *domain = model_object_new(draft, MODEL_ACCEPTED_DOMAIN);
    if (!domain || !model_add(draft, MODEL_ACCEPTED_DOMAIN, domain)) {
        operation_refuse(change);
        call_fail(call, OPERATION_FAILED, "there is no memory for the domain");
        return;
    }
    work->id = domain->id = operation_new_id();
    domain->created_ms = domain->changed_ms = clock_wall_ms();
    if (!call_apply_settings(call, domain, draft->arena)) {
        operation_refuse(change);
        return;
    }
    take_over_default(change, domain);
    change_put(change, MODEL_ACCEPTED_DOMAIN, domain);
    operation_commit(call, change);
}

static void emit_domain(struct call *call)
{
    operation_emit_changed(call, MODEL_ACCEPTED_DOMAIN, domain_json);
}

void accepted_domain_new(struct call *call)
{
    operation_change(call, new_edit, emit_domain);
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct accepted_domain *domain = call_find(call, draft, MODEL_ACCEPTED_DOMAIN, "Identity");
    if (!domain || !call_apply_settings(call, domain, draft->arena)) {
        operation_refuse(change);
        return;
    }
    domain->changed_ms = clock_wall_ms();
    if (call_switch(call, "MakeDefault"))
        domain->is_default = true;
    take_over_default(change, domain);
    const void *before = model_by_id(call->hub->model, MODEL_ACCEPTED_DOMAIN, domain->id);
    if (before)
        operation_inform_difference(call, MODEL_ACCEPTED_DOMAIN, before, domain);
    change_put(change, MODEL_ACCEPTED_DOMAIN, domain);
    operation_commit(call, change);
}

void accepted_domain_set(struct call *call)
{
    operation_change(call, set_edit, NULL);
}

static void remove_edit(struct call *call, struct change *change)
{
    struct accepted_domain *domain =
        call_find(call, change_draft(change), MODEL_ACCEPTED_DOMAIN, "Identity");
    if (!domain ||
        !operation_may_remove(call, change_draft(change), MODEL_ACCEPTED_DOMAIN, domain)) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "mail for %.*s %s", SLICE_ARG(domain->domain_name),
                operation_is_dry(call) ? "would no longer be taken in" : "is no longer taken in");
    change_remove(change, MODEL_ACCEPTED_DOMAIN, domain);
    operation_commit(call, change);
}

void accepted_domain_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
