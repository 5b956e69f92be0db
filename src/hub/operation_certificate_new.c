/* SPDX-License-Identifier: Apache-2.0 */
/* Import- and New-ExchangeCertificate: the vault reads or makes it, then the model takes it in. */
#include "base/base64.h"
#include "base/hex.h"
#include "hub/operation_certificate.h"
#include "hub/operation_handlers.h"
#include "hub/operation_parameters.h"
#include "hub/presentation.h"
#include "hub/vault_link.h"
#include "os/clock.h"

#include <string.h>

enum { DAYS_DEFAULT = 365, DAYS_MAX = 36500, FRIENDLY_NAME_MAX = 64, NAMES_MAX_BYTES = 16384 };

/* --- into the model --- */

/* A number for the key that is never 0 and fits 63 bits. */
static int64_t key_handle_of(struct object_id id)
{
    uint64_t handle = 0;
    for (size_t i = 0; i < 8; i++)
        handle = handle << 8 | (uint64_t)(id.bytes[i] ^ id.bytes[i + 8]);
    handle &= INT64_MAX;
    return handle ? (int64_t)handle : 1;
}

static struct certificate *same_thumbprint(const struct model *model,
                                           const struct certificate *certificate)
{
    size_t count = model_count(model, MODEL_CERTIFICATE);
    for (size_t i = 0; i < count; i++)
        if (slice_equal(model_certificate(model, i)->thumbprint, certificate->thumbprint))
            return model_certificate(model, i);
    return NULL;
}

static void append_thumbprint(struct text *text, const struct certificate *certificate)
{
    hex_append_upper(text, certificate->thumbprint);
}

/* A twin without a key makes room for the one that brings it, and hands on its services. */
static bool replace_twin(struct call *call, struct change *change, struct certificate *certificate)
{
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    struct certificate *twin = same_thumbprint(change_draft(change), certificate);
    if (!twin)
        return true;
    append_thumbprint(&thumbprint, certificate);
    if (twin->has_private_key || !certificate->has_private_key) {
        call_fail(call, OPERATION_CONFLICT, "certificate %.*s is here already%s",
                  SLICE_ARG(text_slice(&thumbprint)),
                  twin->has_private_key ? ", with its private key" : "");
        return false;
    }
    certificate->services = twin->services;
    change_remove(change, MODEL_CERTIFICATE, twin);
    return true;
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

static bool complete(struct call *call, struct change *change, struct certificate *certificate)
{
    const struct work *work = call->scratch;
    certificate->id = work->id;
    certificate->version = 0;
    certificate->created_ms = certificate->changed_ms = clock_wall_ms();
    certificate->key_handle = certificate->has_private_key ? key_handle_of(work->id) : 0;
    certificate->exportable = call_switch(call, "PrivateKeyExportable");
    certificate->services = 0;
    return replace_twin(call, change, certificate) &&
           set_friendly_name(call, certificate, &change_draft(change)->arena);
}

static struct certificate *take_in(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct certificate *certificate =
        model_object_decode(draft, MODEL_CERTIFICATE, work_bytes(call));
    if (!certificate) {
        call_fail(call, OPERATION_FAILED, "what the vault made of the certificate is malformed");
        return NULL;
    }
    if (!complete(call, change, certificate))
        return NULL;
    if (model_add(draft, MODEL_CERTIFICATE, certificate))
        return certificate;
    call_fail(call, OPERATION_FAILED, "there is no memory for the certificate");
    return NULL;
}

static void report_new(struct call *call, const struct model *draft,
                       const struct certificate *certificate)
{
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    append_thumbprint(&thumbprint, certificate);
    if (!certificate->has_private_key)
        call_warn(call, "the file holds no private key: nothing can present this certificate");
    if (presentation_report(call, call->hub->model, draft) == 0)
        call_inform(call, "every connector presents what it did before");
    if (certificate->has_private_key && !(certificate->services & SERVICE_SMTP))
        call_inform(call,
                    "to let connectors present it: Enable-ExchangeCertificate -Thumbprint %.*s "
                    "-Services SMTP",
                    SLICE_ARG(text_slice(&thumbprint)));
}

static void add_edit(struct call *call, struct change *change, bool services_given)
{
    struct certificate *certificate = take_in(call, change);
    if (!certificate ||
        (services_given &&
         !certificate_change_services(call, certificate, true, &change_draft(change)->arena))) {
        operation_refuse(change);
        return;
    }
    report_new(call, change_draft(change), certificate);
    change_put(change, MODEL_CERTIFICATE, certificate);
    operation_commit(call, change);
}

static void import_edit(struct call *call, struct change *change)
{
    add_edit(call, change, false);
}

static void new_edit(struct call *call, struct change *change)
{
    add_edit(call, change, true);
}

static void emit_certificate(struct call *call)
{
    operation_emit_changed(call, MODEL_CERTIFICATE, certificate_json);
}

static void on_read(void *context, const struct wire_certificate_read *answer)
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

static struct work *begin(struct call *call, work_edit_fn *edit)
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return NULL;
    work->id = operation_new_id();
    work->edit = edit;
    return work;
}

/* --- Import --- */

static void import_file(struct call *call, struct slice encoded, struct text *file)
{
    if (!base64_decode(encoded, file)) {
        call_fail(call, OPERATION_USAGE, "-FileData is not base64, or longer than %d bytes",
                  WIRE_FILE_MAX);
        return;
    }
    struct work *work = begin(call, import_edit);
    if (work)
        vault_import_certificate(call->hub, work->id, text_slice(file), call_text(call, "Password"),
                                 on_read, call);
}

void certificate_import(struct call *call)
{
    struct text file = text_with_ceiling(WIRE_FILE_MAX);
    import_file(call, call_text(call, "FileData"), &file);
    if (file.at)
        explicit_bzero(file.at, file.capacity);
    text_deinit(&file);
}

/* --- New --- */

/* A self-signed certificate is used at once unless -Services says otherwise. */
static void default_services(struct call *call)
{
    if (!call_has(call, "Services"))
        json_object_set_new(call->parameters, "Services", json_string("IMAP,POP,SMTP"));
}

static bool key_kind_of(struct call *call, uint64_t *out_kind)
{
    struct slice algorithm = call_text(call, "KeyAlgorithm");
    int64_t bits = 0;
    if (!call_integer(call, "KeySize", 2048, 4096, 0, &bits))
        return false;
    bool rsa = slice_starts_nocase(algorithm, SLICE("RSA")) || (algorithm.len == 0 && bits != 0);
    bool curve = algorithm.len == 0 || slice_equal_nocase(algorithm, SLICE("ECDSA_P256")) ||
                 slice_equal_nocase(algorithm, SLICE("ECDSA")) ||
                 slice_equal_nocase(algorithm, SLICE("P256"));
    *out_kind = !rsa ? WIRE_KEY_P256 : bits == 4096 ? WIRE_KEY_RSA_4096 : WIRE_KEY_RSA_2048;
    if (rsa ? bits == 0 || bits == 2048 || bits == 4096 : curve && bits == 0)
        return true;
    call_fail(call, OPERATION_USAGE,
              "-KeyAlgorithm is ECDSA_P256, or RSA with -KeySize 2048 or 4096");
    return false;
}

/* "CN=mail.contoso.com, O=..." gives mail.contoso.com. */
static struct slice common_name_of(struct slice subject)
{
    struct slice part;
    while (slice_take_field(&subject, ',', &part)) {
        part = slice_trim(part);
        if (slice_take_prefix_nocase(&part, SLICE("CN=")))
            return slice_trim(part);
    }
    return SLICE("");
}

static struct slice server_name_of(const struct call *call)
{
    const struct server *server = model_server(call->hub->model);
    return server ? server->fqdn : SLICE("localhost");
}

/* The names with LF behind each, and the common name. False: the call has failed. */
static bool names_of(struct call *call, struct text *names, struct slice *out_common_name)
{
    struct slice written[CALL_LIST_MAX];
    size_t count = call_list(call, "DomainName", written, CALL_LIST_MAX);
    struct slice subject = call_text(call, "SubjectName");
    *out_common_name = common_name_of(subject);
    if (subject.len > 0 && out_common_name->len == 0) {
        call_fail(call, OPERATION_USAGE, "-SubjectName must hold CN=, as in CN=mail.contoso.com");
        return false;
    }
    if (out_common_name->len == 0)
        *out_common_name = count > 0 ? written[0] : server_name_of(call);
    if (count == 0)
        written[count++] = *out_common_name;
    for (size_t i = 0; i < count; i++) {
        text_append(names, written[i]);
        text_append_byte(names, '\n');
    }
    return true;
}

static void make(struct call *call, struct text *names)
{
    struct slice common_name;
    uint64_t key_kind;
    int64_t days;
    if (!names_of(call, names, &common_name) || !key_kind_of(call, &key_kind) ||
        !call_integer(call, "ValidDays", 1, DAYS_MAX, DAYS_DEFAULT, &days))
        return;
    struct work *work = begin(call, new_edit);
    if (!work)
        return;
    struct wire_certificate_make request = {
        .id = slice_bytes(work->id.bytes, sizeof(work->id.bytes)),
        .kind = WIRE_CERTIFICATE_SELF_SIGNED,
        .common_name = common_name,
        .names = text_slice(names),
        .days = (uint64_t)days,
        .key_kind = key_kind,
        .friendly_name = slice_first(call_text(call, "FriendlyName"), FRIENDLY_NAME_MAX),
    };
    vault_make_certificate(call->hub, request, on_read, call);
}

void certificate_new(struct call *call)
{
    struct text names = text_with_ceiling(NAMES_MAX_BYTES);
    default_services(call);
    make(call, &names);
    text_deinit(&names);
}
