/* SPDX-License-Identifier: Apache-2.0 */
/* Import-ExchangeCertificate: the vault reads the file, then the model takes in what it held.
 *
 * A certificate with its key is a new object. One without a key may be the answer to a pending
 * request, or the file may bring what the chain of a certificate lacks; only when it is neither, it
 * is recorded alone. An OCSP response becomes part of the certificate it speaks of.
 */
#include "hub/certificates/intake.h"
#include "hub/certificates/presentation.h"
#include "hub/certificates/replace.h"
#include "hub/certificates/response.h"
#include "hub/handlers/certificate.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/parameters.h"
#include "hub/vault_link.h"

/* --- looking for what it belongs to --- */

/* The newest certificate whose chain ends where `issuer` begins. */
static struct certificate *find_lacking(const struct model *model, const struct certificate *issuer)
{
    struct certificate *found = NULL;
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        struct certificate *certificate = model_certificate(model, i);
        if (certificate->findings & FINDING_ISSUER_MISSING && certificate->has_private_key &&
            slice_equal(certificate->missing_issuer_der, issuer->subject_der) &&
            (!found || certificate->not_before_ms > found->not_before_ms))
            found = certificate;
    }
    return found;
}

/* --- a chain that becomes whole --- */

/* Both together as PEM: the vault puts them in order and judges the chain once more. */
static void read_again(struct call *call, const struct certificate *lacking,
                       const struct certificate *issuer)
{
    struct text pem = text_with_ceiling(WIRE_FILE_MAX);
    if (certificate_append_pem(&pem, lacking) && certificate_append_pem(&pem, issuer))
        certificate_intake_again(call, text_slice(&pem));
    else
        call_fail(call, OPERATION_FAILED, "the chain is too long");
    text_deinit(&pem);
}

/* A shorter chain is taken only when it is the first that clients trust. */
static bool chain_is_news(const struct certificate *twin, const struct certificate *read)
{
    bool differs = twin->chain.count != read->chain.count || twin->status != read->status ||
                   twin->root_ca_type != read->root_ca_type || twin->findings != read->findings;
    bool mended = twin->status != STATUS_VALID && read->status == STATUS_VALID;
    return mended || (differs && read->chain.count >= twin->chain.count);
}

/* One file completes one chain; the others are not forgotten. */
static void warn_of_others(struct call *call, const struct model *draft,
                           const struct certificate *completed, struct slice missing_issuer_der)
{
    size_t others = 0;
    for (size_t i = 0; missing_issuer_der.len && i < model_count(draft, MODEL_CERTIFICATE); i++) {
        const struct certificate *other = model_certificate(draft, i);
        others += other != completed && other->findings & FINDING_ISSUER_MISSING &&
                  slice_equal(other->missing_issuer_der, missing_issuer_der);
    }
    if (others)
        call_warn(call, "%zu more certificate%s this issuer: import the file once more for each",
                  others, others == 1 ? " lacks" : "s lack");
}

static void take_chain(struct certificate *twin, const struct certificate *read)
{
    twin->chain = read->chain;
    twin->chain_not_after_ms = read->chain_not_after_ms;
    twin->status = read->status;
    twin->root_ca_type = read->root_ca_type;
    twin->findings = read->findings;
    twin->missing_issuer = read->missing_issuer;
    twin->missing_issuer_der = read->missing_issuer_der;
    twin->judged_by = read->judged_by;
}

/* For a hook that runs once more it is good news. */
static void end_known(struct call *call, const struct certificate *twin,
                      const struct certificate *read)
{
    if (call_switch(call, "Replace")) {
        call_inform(call, "the %s is here already: nothing to do",
                    read->ocsp_response.len ? "OCSP response" : "certificate");
        call_emit(call, certificate_json(call, twin));
        call_done(call);
    } else if (read->ocsp_response.len) {
        call_fail(call, OPERATION_CONFLICT, "the OCSP response is here already");
    } else {
        certificate_intake_refuse_twin(call, twin);
    }
}

static void complete_chain(struct call *call, struct change *change, struct certificate *twin,
                           const struct certificate *read)
{
    char storage[600];
    struct text line = text_over(storage, sizeof(storage));
    struct certificate_choice choice = {.certificate = twin};
    warn_of_others(call, change_draft(change), twin, twin->missing_issuer_der);
    take_chain(twin, read);
    presentation_append(&line, &choice);
    call_inform(call, "the chain of %.*s holds %zu issuer%s now", SLICE_ARG(text_slice(&line)),
                twin->chain.count, twin->chain.count == 1 ? "" : "s");
}

/* What is new of a certificate that is here already: its chain, or what its issuer says of it. */
static void renew(struct call *call, struct change *change, struct certificate *twin,
                  const struct certificate *read)
{
    struct work *work = call->scratch;
    enum response_news response = certificate_response_compare(twin, read);
    bool chain = chain_is_news(twin, read);
    if (response == RESPONSE_OLDER) {
        certificate_response_refuse(call, twin, read);
        operation_refuse(change);
        return;
    }
    if (!chain && response == RESPONSE_NO_NEWS) {
        end_known(call, model_by_id(call->hub->model, MODEL_CERTIFICATE, twin->id), read);
        operation_refuse(change);
        return;
    }
    if (chain)
        complete_chain(call, change, twin, read);
    if (response == RESPONSE_NEWER)
        certificate_response_take(twin, read);
    work->id = twin->id;
    certificate_intake_commit(call, change, twin);
}

/* --- what it replaces --- */

static void commit(struct call *call, struct change *change, struct certificate *certificate)
{
    if (!call_switch(call, "Replace") || certificate_replace(call, change, certificate))
        certificate_intake_commit(call, change, certificate);
    else
        operation_refuse(change);
}

/* --- a request that is answered --- */

/* The request's object becomes the certificate: its key, its services, its name stay. */
static void complete_request(struct call *call, struct change *change, struct certificate *request,
                             const struct certificate *answer)
{
    struct work *work = call->scratch;
    struct certificate completed = *answer;
    completed.id = request->id;
    completed.version = request->version;
    completed.created_ms = request->created_ms;
    completed.key_sealed = request->key_sealed;
    completed.exportable = request->exportable;
    completed.services = request->services;
    completed.friendly_name = request->friendly_name;
    completed.has_private_key = true;
    completed.key_handle = certificate_key_handle(request->id);
    struct certificate *twin = certificate_intake_twin(change_draft(change), answer);
    if (twin)
        change_remove(change, MODEL_CERTIFICATE, twin);
    *request = completed;
    work->id = request->id;
    call_inform(call, "the pending request is completed: the certificate has its private key");
    if (call_switch(call, "PrivateKeyExportable") && !completed.exportable)
        call_warn(call, "its key cannot be exported: that was decided when the request was made");
    commit(call, change, request);
}

/* --- the change --- */

static void add(struct call *call, struct change *change, struct certificate *certificate)
{
    if (certificate_intake_add(call, change, certificate))
        commit(call, change, certificate);
    else
        operation_refuse(change);
}

static void import_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct certificate *read = certificate_intake_take(call, draft);
    struct certificate *twin = read ? certificate_intake_twin(draft, read) : NULL;
    struct certificate *request = read ? certificate_intake_request(draft, read) : NULL;
    const struct certificate *lacking =
        read && !read->has_private_key ? find_lacking(draft, read) : NULL;
    bool known = twin && (twin->has_private_key || !read->has_private_key);
    if (!read) {
        operation_refuse(change);
    } else if (certificate_response_is_alone(read)) {
        certificate_response_ask(call, draft, read);
        operation_refuse(change);
    } else if (known && read->ocsp_response.len) {
        renew(call, change, twin, read);
    } else if (request) {
        complete_request(call, change, request, read);
    } else if (lacking && !(twin && twin->has_private_key)) {
        read_again(call, lacking, read);
        operation_refuse(change);
    } else if (known) {
        renew(call, change, twin, read);
    } else {
        add(call, change, read);
    }
}

void certificate_import(struct call *call)
{
    bool exportable;
    if (call_bool(call, "PrivateKeyExportable", false, &exportable))
        certificate_intake_file(call, "FileData", exportable, import_edit);
}
