/* SPDX-License-Identifier: Apache-2.0 */
/* Enable-, Disable- and Remove-ExchangeCertificate. */
#include "hub/handlers/certificate.h"

#include "hub/certificates/comparison.h"
#include "hub/certificates/presentation.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

/* --- Enable, Disable --- */

bool certificate_change_services(struct call *call, struct certificate *certificate, bool add,
                                 struct arena *arena)
{
    static const struct slice_list nothing = {0};
    char storage[512];
    struct text error = text_over(storage, sizeof(storage));
    struct slice words[CALL_LIST_MAX];
    struct slice_list given = {words, call_list(call, "Services", words, CALL_LIST_MAX)};
    const struct setting *row = setting_exact(certificate_settings, SLICE("Services"));
    bool none = given.count == 1 && slice_equal_nocase(words[0], SLICE("None"));
    bool done = add && none ? setting_parse(row, certificate, arena, words, 1, &error)
                            : setting_edit(row, certificate, arena, add ? given : nothing,
                                           add ? nothing : given, &error);
    if (!done)
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return done;
}

static void change_services(struct call *call, struct change *change, bool add)
{
    struct model *draft = change_draft(change);
    struct certificate *certificate = call_find(call, draft, MODEL_CERTIFICATE, "Thumbprint");
    if (!certificate || !certificate_change_services(call, certificate, add, draft->arena)) {
        operation_refuse(change);
        return;
    }
    certificate->changed_ms = clock_wall_ms();
    const void *before = model_by_id(call->hub->model, MODEL_CERTIFICATE, certificate->id);
    if (before)
        operation_inform_difference(call, MODEL_CERTIFICATE, before, certificate);
    if (certificate->services & SERVICE_SMTP && !certificate->has_private_key)
        call_warn(call, "the certificate has no private key here: no connector can present it");
    if (add && certificate->services & SERVICE_SMTP)
        certificate_warn(call, certificate);
    if (presentation_report(call, call->hub->model, draft) == 0)
        call_inform(call, "every connector presents what it did before");
    change_put(change, MODEL_CERTIFICATE, certificate);
    operation_commit(call, change);
}

static void enable_edit(struct call *call, struct change *change)
{
    change_services(call, change, true);
}

static void disable_edit(struct call *call, struct change *change)
{
    change_services(call, change, false);
}

void certificate_enable(struct call *call)
{
    operation_change(call, enable_edit, NULL);
}

void certificate_disable(struct call *call)
{
    operation_change(call, disable_edit, NULL);
}

/* --- Remove --- */

/* What a connector would suffer, a line; nothing appended: it would not. */
static void append_harm(const struct compared *row, const struct certificate *removed,
                        struct text *text)
{
    const struct certificate_choice *old = &row->earlier_choice, *new = &row->choice;
    if (!row->connector->enabled || !old->certificate ||
        !object_id_equal(old->certificate->id, removed->id))
        return;
    if (!new->certificate) {
        text_append_format(text, "\n%.*s would no longer offer TLS",
                           SLICE_ARG(row->connector->identity));
    } else if (new->named_missing && !old->named_missing) {
        text_append_format(text, "\n%.*s names this certificate and would present ",
                           SLICE_ARG(row->connector->identity));
        presentation_append(text, new);
    }
}

/* The harm to every connector. */
static bool find_harm(const struct model *before, const struct model *after,
                      const struct certificate *removed, struct text *text)
{
    struct comparison comparison;
    struct compared row;
    comparison_begin(&comparison, before, after);
    while (comparison_next(&comparison, &row))
        append_harm(&row, removed, text);
    comparison_end(&comparison);
    return text->len > 0;
}

static void inform_removal(struct call *call, const struct certificate *removed)
{
    char storage[600];
    struct text line = text_over(storage, sizeof(storage));
    struct certificate_choice choice = {.certificate = removed};
    presentation_append(&line, &choice);
    call_inform(call, "%.*s %s", SLICE_ARG(text_slice(&line)),
                operation_is_dry(call) ? "would be removed" : "is removed");
}

static void remove_edit(struct call *call, struct change *change)
{
    char storage[1400];
    struct text harm = text_over(storage, sizeof(storage));
    struct model *draft = change_draft(change);
    bool forced = call_switch(call, "Force");
    struct certificate *certificate = call_find(call, draft, MODEL_CERTIFICATE, "Thumbprint");
    if (!certificate ||
        (!forced && !operation_may_remove(call, draft, MODEL_CERTIFICATE, certificate))) {
        operation_refuse(change);
        return;
    }
    const struct certificate removed = *certificate;
    change_remove(change, MODEL_CERTIFICATE, certificate);
    if (find_harm(call->hub->model, draft, &removed, &harm) && !forced) {
        operation_refuse(change);
        call_fail_fix(call, OPERATION_CONFLICT,
                      "bind the connector to another certificate first (Set-ReceiveConnector "
                      "-TlsCertificateName), or add -Force",
                      "the certificate is in use:%.*s", SLICE_ARG(text_slice(&harm)));
        return;
    }
    inform_removal(call, &removed);
    if (removed.status == STATUS_PENDING_REQUEST)
        call_warn(call,
                  "with the request its private key %s: the answer of the authority cannot "
                  "complete it any more",
                  operation_is_dry(call) ? "would go" : "goes");
    presentation_report(call, call->hub->model, draft);
    operation_commit(call, change);
}

void certificate_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
