/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/intake.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/pem.h"
#include "hub/certificates/presentation.h"
#include "hub/certificates/response.h"
#include "hub/handlers/certificate.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

#include <string.h>

int64_t certificate_key_handle(struct object_id id)
{
    uint64_t handle = 0;
    for (size_t i = 0; i < 8; i++)
        handle = handle << 8 | (uint64_t)(id.bytes[i] ^ id.bytes[i + 8]);
    handle &= INT64_MAX;
    return handle ? (int64_t)handle : 1;
}

/* --- from the vault --- */

struct work *certificate_intake_begin(struct call *call, work_edit_fn *edit)
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return NULL;
    work->id = operation_new_id();
    work->edit = edit;
    return work;
}

static void emit_certificate(struct call *call)
{
    const struct work *work = call->scratch;
    const struct certificate *certificate =
        model_by_id(call->hub->model, MODEL_CERTIFICATE, work->id);
    if (certificate && certificate->status == STATUS_PENDING_REQUEST)
        certificate_emit_request(call, certificate);
    else
        operation_emit_changed(call, MODEL_CERTIFICATE, certificate_json);
}

void certificate_intake_read(void *context, const struct wire_certificate_read *answer)
{
    struct call *call = context;
    if (!answer) {
        call_fail(call, OPERATION_FAILED, "the vault did not answer; try again");
        return;
    }
    if (answer->outcome != 0 || answer->certificate.len == 0) {
        call_fail(call, OPERATION_USAGE, "%.*s",
                  SLICE_ARG(answer->error.len ? answer->error
                                              : SLICE("the certificate could not be read")));
        return;
    }
    struct work *work = call_work(call, answer->certificate);
    if (work)
        operation_change(call, work->edit, emit_certificate);
}

/* What a chain may be completed with: issuers behind other certificates, and those that came alone.
 * What does not fit any more is left out. */
static void append_known(const struct model *model, struct text *known)
{
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(model, i);
        if (!certificate->has_private_key)
            text_append(known, certificate->der);
        for (size_t k = 0; k < certificate->chain.count; k++)
            text_append(known, certificate->chain.at[k]);
    }
}

bool certificate_append_pem(struct text *pem, const struct certificate *certificate)
{
    bool good = pem_append(pem, "CERTIFICATE", certificate->der);
    for (size_t i = 0; good && i < certificate->chain.count; i++)
        good = pem_append(pem, "CERTIFICATE", certificate->chain.at[i]);
    return good;
}

static void ask_vault(struct call *call, struct slice file, struct slice password, bool exportable)
{
    const struct work *work = call->scratch;
    struct text known = text_with_ceiling(WIRE_CHAIN_MAX);
    append_known(call->hub->model, &known);
    struct wire_certificate_import import = {
        .id = slice_bytes(work->id.bytes, sizeof(work->id.bytes)),
        .file = file,
        .password = password,
        .known = text_slice(&known),
        .exportable = exportable,
    };
    vault_import_certificate(call->hub, import, certificate_intake_read, call);
    text_deinit(&known);
}

/* A reader that a file has misled could ask for it without end. */
void certificate_intake_again(struct call *call, struct slice file)
{
    struct work *work = call->scratch;
    if (work->asked_again) {
        call_fail(call, OPERATION_FAILED, "the vault does not know what it has read");
        return;
    }
    work->asked_again = true;
    ask_vault(call, file, SLICE(""), false);
}

void certificate_intake_file(struct call *call, const char *parameter, bool exportable,
                             work_edit_fn *edit)
{
    struct text file = text_with_ceiling(WIRE_FILE_MAX);
    if (!base64_decode(call_text(call, parameter), &file))
        call_fail(call, OPERATION_USAGE, "-%s is not base64, or longer than %d bytes", parameter,
                  WIRE_FILE_MAX);
    else if (certificate_intake_begin(call, edit))
        ask_vault(call, text_slice(&file), call_text(call, "Password"), exportable);
    if (file.at)
        explicit_bzero(file.at, file.capacity);
    text_deinit(&file);
}

struct certificate *certificate_intake_take(struct call *call, struct model *draft)
{
    struct certificate *certificate =
        model_object_decode(draft, MODEL_CERTIFICATE, work_bytes(call));
    if (!certificate)
        call_fail(call, OPERATION_FAILED, "what the vault made of the certificate is malformed");
    return certificate;
}

/* --- into the model --- */

struct certificate *certificate_intake_twin(const struct model *draft,
                                            const struct certificate *certificate)
{
    for (size_t i = 0; i < model_count(draft, MODEL_CERTIFICATE); i++) {
        struct certificate *other = model_certificate(draft, i);
        if (other != certificate && slice_equal(other->thumbprint, certificate->thumbprint))
            return other;
    }
    return NULL;
}

struct certificate *certificate_intake_request(const struct model *draft,
                                               const struct certificate *answer)
{
    for (size_t i = 0; !answer->has_private_key && i < model_count(draft, MODEL_CERTIFICATE); i++) {
        struct certificate *request = model_certificate(draft, i);
        if (request->status == STATUS_PENDING_REQUEST &&
            slice_equal(request->key_sha256, answer->key_sha256))
            return request;
    }
    return NULL;
}

static void append_thumbprint(struct text *text, const struct certificate *certificate)
{
    hex_append_upper(text, certificate->thumbprint);
}

void certificate_intake_refuse_twin(struct call *call, const struct certificate *twin)
{
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    append_thumbprint(&thumbprint, twin);
    call_fail(call, OPERATION_CONFLICT, "certificate %.*s is here already%s",
              SLICE_ARG(text_slice(&thumbprint)),
              twin->has_private_key ? ", with its private key" : "");
}

static bool set_friendly_name(struct call *call, struct certificate *certificate,
                              struct arena *arena)
{
    char storage[256];
    struct text error = text_over(storage, sizeof(storage));
    struct slice name = call_text(call, "FriendlyName");
    const struct setting *row = setting_exact(certificate_settings, SLICE("FriendlyName"));
    if (name.len == 0 || setting_parse(row, certificate, arena, &name, 1, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

static void fill_in(const struct call *call, struct certificate *certificate,
                    const struct certificate *twin)
{
    const struct work *work = call->scratch;
    bool pending = certificate->status == STATUS_PENDING_REQUEST;
    certificate->id = work->id;
    certificate->version = 0;
    certificate->created_ms = certificate->changed_ms = clock_wall_ms();
    certificate->key_handle =
        certificate->has_private_key && !pending ? certificate_key_handle(work->id) : 0;
    certificate->services = twin ? twin->services : 0;
    if (twin && !certificate->ocsp_response.len)
        certificate_response_take(certificate, twin);
}

bool certificate_intake_add(struct call *call, struct change *change,
                            struct certificate *certificate)
{
    struct model *draft = change_draft(change);
    struct certificate *twin = certificate_intake_twin(draft, certificate);
    if (twin && (twin->has_private_key || !certificate->has_private_key)) {
        certificate_intake_refuse_twin(call, twin);
        return false;
    }
    fill_in(call, certificate, twin);
    if (twin)
        change_remove(change, MODEL_CERTIFICATE, twin);
    if (model_add(draft, MODEL_CERTIFICATE, certificate))
        return true;
    call_fail(call, OPERATION_FAILED, "there is no memory for the certificate");
    return false;
}

/* --- what it means --- */

static void report(struct call *call, const struct model *draft,
                   const struct certificate *certificate)
{
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    append_thumbprint(&thumbprint, certificate);
    if (!certificate->has_private_key)
        call_warn(call, "the file holds no private key, and no pending request asked for this "
                        "certificate: nothing can present it. Import the PKCS#12 file, or "
                        "certificate and key in one PEM file");
    certificate_response_report(call, certificate);
    certificate_warn(call, certificate);
    if (presentation_report(call, call->hub->model, draft) == 0)
        call_inform(call, "every connector presents what it did before");
    if (certificate->has_private_key && !(certificate->services & SERVICE_SMTP))
        call_inform(call,
                    "to let connectors present it: Enable-ExchangeCertificate -Thumbprint %.*s "
                    "-Services SMTP",
                    SLICE_ARG(text_slice(&thumbprint)));
}

void certificate_intake_commit(struct call *call, struct change *change,
                               struct certificate *certificate)
{
    if (!set_friendly_name(call, certificate, change_draft(change)->arena)) {
        operation_refuse(change);
        return;
    }
    if (certificate->status != STATUS_PENDING_REQUEST)
        report(call, change_draft(change), certificate);
    change_put(change, MODEL_CERTIFICATE, certificate);
    operation_commit(call, change);
}
