/* SPDX-License-Identifier: Apache-2.0 */
/* Export-ExchangeCertificate: a PKCS#12 file from the vault, a certificate alone, or a request.
 *
 * Each is an object of the noun CertificateFile: its text, and FileData, the bytes for a file. That
 * a key left is an event of its own, with who asked.
 */
#include "base/hex.h"
#include "base/pem.h"
#include "hub/configuration/object.h"
#include "hub/handlers/certificate.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/parameters.h"
#include "hub/vault_link.h"
#include "wire/role.h"

enum { TEXT_MAX = 4 << 20 };

static void append_thumbprint(struct text *text, const struct certificate *certificate)
{
    hex_append_upper(text, certificate->thumbprint);
}

static void emit_file(struct call *call, const struct certificate *certificate, const char *format,
                      struct slice text, struct slice bytes)
{
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    append_thumbprint(&thumbprint, certificate);
    json_t *json = json_object();
    json_object_set_new(json, "Thumbprint", json_of_slice(text_slice(&thumbprint)));
    json_object_set_new(json, "Subject", json_of_slice(certificate->subject));
    json_object_set_new(json, "Format", json_string(format));
    json_object_set_new(json, "Text", json_of_slice(text));
    json_object_set_new(json, "FileData", json_of_base64(bytes));
    call->noun = "CertificateFile";
    call_emit(call, json);
}

/* The bytes for a file: the text, or DER with -BinaryEncoded. */
static struct slice file_of(const struct call *call, const struct text *text, struct slice der)
{
    return call_switch(call, "BinaryEncoded") ? der : text_slice(text);
}

void certificate_emit_request(struct call *call, const struct certificate *certificate)
{
    struct text pem = text_with_ceiling(TEXT_MAX);
    pem_append(&pem, "CERTIFICATE REQUEST", certificate->request_der);
    emit_file(call, certificate, "PKCS#10", text_slice(&pem),
              file_of(call, &pem, certificate->request_der));
    text_deinit(&pem);
}

static void emit_public(struct call *call, const struct certificate *certificate)
{
    struct text pem = text_with_ceiling(TEXT_MAX);
    pem_append(&pem, "CERTIFICATE", certificate->der);
    for (size_t i = 0; i < certificate->chain.count; i++)
        pem_append(&pem, "CERTIFICATE", certificate->chain.at[i]);
    emit_file(call, certificate, "X.509", text_slice(&pem), file_of(call, &pem, certificate->der));
    text_deinit(&pem);
}

/* --- with its key --- */

static void report_leaving(const struct call *call, const struct certificate *certificate)
{
    char digits[48], name[1200];
    struct text thumbprint = text_over(digits, sizeof(digits));
    struct text subject = text_over(name, sizeof(name));
    append_thumbprint(&thumbprint, certificate);
    text_append_escaped(&subject, certificate->subject, 256);
    role_event(NULL, WIRE_LEVEL_WARNING, 0,
               "event=private-key-exported thumbprint=%.*s subject=\"%.*s\" actor=\"%.*s\"",
               SLICE_ARG(text_slice(&thumbprint)), SLICE_ARG(text_slice(&subject)),
               SLICE_ARG(call->actor));
}

static void on_exported(void *context, const struct wire_certificate_exported *answer)
{
    static const char *const refusals[WIRE_EXPORT_OUTCOMES] = {
        [WIRE_EXPORT_NOT_EXPORTABLE] = "the vault sealed its key as one that cannot leave",
        [WIRE_EXPORT_UNREADABLE] = "the vault cannot open its key: it was sealed under another "
                                   "key-encryption key, or is damaged",
        [WIRE_EXPORT_FAILED] = "the file could not be made; try again",
    };
    struct call *call = context;
    const struct work *work = call->scratch;
    const struct certificate *certificate =
        model_by_id(call->hub->model, MODEL_CERTIFICATE, work->id);
    if (!answer || !certificate) {
        call_fail(call, OPERATION_FAILED,
                  answer ? "the certificate was removed meanwhile"
                         : "the vault did not answer; try again");
        return;
    }
    if (answer->outcome != WIRE_EXPORT_DONE) {
        call_fail(call, OPERATION_FAILED, "%s", refusals[answer->outcome]);
        return;
    }
    struct text lines = text_with_ceiling(TEXT_MAX);
    pem_append_lines(&lines, answer->file);
    report_leaving(call, certificate);
    emit_file(call, certificate, "PKCS#12", text_slice(&lines), answer->file);
    text_deinit(&lines);
    call_done(call);
}

static void ask_vault(struct call *call, const struct certificate *certificate)
{
    struct work *work = call_work(call, SLICE(""));
    struct text chain = text_with_ceiling(WIRE_CHAIN_MAX);
    if (!work)
        return;
    work->id = certificate->id;
    for (size_t i = 0; i < certificate->chain.count; i++)
        text_append(&chain, certificate->chain.at[i]);
    struct wire_certificate_export request = {
        .id = slice_bytes(work->id.bytes, sizeof(work->id.bytes)),
        .certificate = certificate->der,
        .sealed_key = certificate->key_sealed,
        .chain = text_slice(&chain),
        .friendly_name = certificate->friendly_name,
        .password = call_text(call, "Password"),
    };
    vault_export_certificate(call->hub, request, on_exported, call);
    text_deinit(&chain);
}

static void refuse(struct call *call, const struct certificate *certificate)
{
    char storage[128];
    struct text fix = text_over(storage, sizeof(storage));
    text_append_c(&fix, "Export-ExchangeCertificate ");
    append_thumbprint(&fix, certificate);
    call_fail_fix(call, OPERATION_DENIED, text_c_string(&fix),
                  certificate->has_private_key
                      ? "its private key may not leave (PrivateKeyExportable is False: that is "
                        "decided when it is imported or made); without -Password the certificate "
                        "alone is written"
                      : "its private key is not here; without -Password the certificate alone is "
                        "written");
}

void certificate_export(struct call *call)
{
    const struct certificate *certificate =
        call_find(call, call->hub->model, MODEL_CERTIFICATE, "Thumbprint");
    if (!certificate)
        return;
    bool pending = certificate->status == STATUS_PENDING_REQUEST;
    bool with_key = !pending && call_has(call, "Password");
    if (with_key && !certificate->exportable) {
        refuse(call, certificate);
    } else if (with_key && call_text(call, "Password").len == 0) {
        call_fail(call, OPERATION_USAGE, "-Password is empty: a key does not leave without one");
    } else if (with_key) {
        ask_vault(call, certificate);
    } else if (pending) {
        certificate_emit_request(call, certificate);
        call_done(call);
    } else {
        emit_public(call, certificate);
        call_done(call);
    }
}
