/* SPDX-License-Identifier: Apache-2.0 */
/* Import-Configuration: from a document to a change.
 *
 * What only the vault can tell comes first, one question after the other: new certificates are
 * read, and of new secrets it is tried whether they open here. The questions lie in the document
 * ("_tasks"), the answers in its items, so that all of it goes with the call. Then one change.
 */
#include "tls/import.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/pem.h"
#include "hub/certificates/intake.h"
#include "hub/configuration/item.h"
#include "hub/configuration/make.h"
#include "hub/configuration/object.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/vault_link.h"

#include <string.h>

enum { SHOWN = 10, THUMBPRINT_DIGITS = 48, LIST_MAX = 1000 };

static void step(struct call *call);

static void add_task(struct call *call, const struct item *item, const char *what)
{
    json_t *tasks = json_object_get(call->kept, "_tasks");
    json_array_append_new(tasks, json_pack("{s:s, s:i, s:i, s:O}", "what", what, "kind",
                                           (int)(item->row - configuration_kinds), "number",
                                           (int)item->number, "item", item->json));
}

static struct item item_of(const json_t *task)
{
    return (struct item){
        .row = &configuration_kinds[json_integer_value(json_object_get(task, "kind"))],
        .number = (size_t)json_integer_value(json_object_get(task, "number")),
        .json = json_object_get(task, "item")};
}

static json_t *first_task(struct call *call)
{
    return json_array_get(json_object_get(call->kept, "_tasks"), 0);
}

static void end_task(struct call *call)
{
    json_array_remove(json_object_get(call->kept, "_tasks"), 0);
    step(call);
}

static void note_hex(const struct item *item, const char *name, struct slice bytes)
{
    json_object_set_new(item->json, name, json_of_hex(bytes));
}

/* --- which questions there are --- */

/* The certificates that are here, by the text a file has for them. */
static json_t *here_by_text(const struct model *model)
{
    json_t *here = json_object();
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        struct text pem = text_with_ceiling(WIRE_FILE_MAX);
        certificate_append_pem(&pem, model_certificate(model, i));
        json_t *encoded = json_of_base64(text_slice(&pem));
        if (encoded)
            json_object_set_new(here, json_string_value(encoded), json_integer((json_int_t)i));
        json_decref(encoded);
        text_deinit(&pem);
    }
    return here;
}

static bool has_response(const struct item *item, const struct certificate *certificate)
{
    json_t *here = json_of_base64(certificate->ocsp_response);
    struct slice wanted = item_text(item, "OcspResponse");
    bool has = wanted.len == 0 || slice_equal(wanted, slice_of(json_string_value(here)));
    json_decref(here);
    return has;
}

struct planning {
    json_t *here;
};

static bool plan_certificate(struct call *call, const struct item *item,
                             const struct planning *planning)
{
    const char *file = json_string_value(json_object_get(item->json, "FileData"));
    if (!file) {
        item_fail(call, item, "-FileData is missing");
        return false;
    }
    const json_t *index = json_object_get(planning->here, file);
    const struct certificate *certificate =
        index ? model_certificate(call->hub->model, (size_t)json_integer_value(index)) : NULL;
    if (certificate)
        note_hex(item, "_thumbprint", certificate->thumbprint);
    if (!certificate || !has_response(item, certificate))
        add_task(call, item, "read");
    return true;
}

static bool secret_is_here(const struct call *call, enum model_kind kind, struct object_id id,
                           struct slice sealed)
{
    const struct hub *hub = call->hub;
    const struct certificate *certificate =
        kind == MODEL_CERTIFICATE ? model_by_id(hub->model, kind, id) : NULL;
    if (kind == MODEL_CERTIFICATE)
        return certificate && slice_equal(certificate->key_sealed, sealed);
    struct text here = text_with_ceiling(WIRE_SECRET_MAX), name = text_with_ceiling(256);
    bool same = config_secret_get(hub->store, slice_of(secret_kind_of(kind)), id, &here, &name) ==
                    STORE_OK &&
                slice_equal(text_slice(&here), sealed);
    text_deinit(&here);
    text_deinit(&name);
    return same;
}

static bool plan(struct call *call, const struct item *item, void *context)
{
    if (item->row->kind == MODEL_CERTIFICATE && !plan_certificate(call, item, context))
        return false;
    const json_t *value = item->row->secret ? json_object_get(item->json, item->row->secret) : NULL;
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct object_id id;
    bool good = !value || configuration_secret_read(value, &id, &sealed);
    if (!good)
        item_fail(call, item, "-%s is not what Export-Configuration writes", item->row->secret);
    else if (value && !secret_is_here(call, item->row->kind, id, text_slice(&sealed)))
        add_task(call, item, "secret");
    text_deinit(&sealed);
    return good;
}

/* --- certificates --- */

static bool note_record(const struct item *item, struct slice record)
{
    struct model *model = model_new();
    const struct certificate *certificate =
        model ? model_object_decode(model, MODEL_CERTIFICATE, record) : NULL;
    if (certificate) {
        note_hex(item, "_thumbprint", certificate->thumbprint);
        json_object_set_new(item->json, "_record", json_of_base64(record));
    }
    model_free(model);
    return certificate != NULL;
}

/* A response that is out of date or was withdrawn is left behind; the certificate is not. */
static bool is_response_alone(const struct item *item, const struct wire_certificate_read *answer)
{
    return answer->outcome == IMPORT_OCSP_REFUSED &&
           json_object_get(item->json, "OcspResponse") != NULL;
}

static void on_read(void *context, const struct wire_certificate_read *answer)
{
    struct call *call = context;
    struct item item = item_of(first_task(call));
    if (!answer) {
        call_fail(call, OPERATION_FAILED, "the vault did not answer; try again");
    } else if (is_response_alone(&item, answer)) {
        call_warn(call, "%s number %zu: -OcspResponse is left out: %.*s",
                  configuration_noun(item.row), item.number, SLICE_ARG(answer->error));
        json_object_del(item.json, "OcspResponse");
        step(call);
    } else if (answer->outcome != 0 || !note_record(&item, answer->certificate)) {
        item_fail(call, &item, "%.*s",
                  SLICE_ARG(answer->error.len ? answer->error
                                              : SLICE("the certificate could not be read")));
    } else {
        end_task(call);
    }
}

static bool append_file(const struct item *item, struct text *file)
{
    struct text response = text_with_ceiling(WIRE_FILE_MAX);
    struct slice written = item_text(item, "OcspResponse");
    bool good = base64_decode(item_text(item, "FileData"), file) &&
                (written.len == 0 || (base64_decode(written, &response) &&
                                      pem_append(file, "OCSP RESPONSE", text_slice(&response))));
    text_deinit(&response);
    return good;
}

static void ask_certificate(struct call *call, const struct item *item)
{
    struct text file = text_with_ceiling(WIRE_FILE_MAX);
    struct object_id id = operation_new_id();
    if (append_file(item, &file)) {
        struct wire_certificate_import import = {.id = slice_bytes(id.bytes, sizeof id.bytes),
                                                 .file = text_slice(&file)};
        vault_import_certificate(call->hub, import, on_read, call);
    } else {
        item_fail(call, item, "-FileData or -OcspResponse is not base64, or too long");
    }
    text_deinit(&file);
}

/* --- secrets --- */

static void on_checked(void *context, const struct wire_secret_checked *answer)
{
    struct call *call = context;
    struct item item = item_of(first_task(call));
    if (!answer) {
        call_fail(call, OPERATION_FAILED, "the vault did not answer; try again");
        return;
    }
    if (!answer->opens) {
        const char *key = item.row->kind == MODEL_CERTIFICATE ? "_thumbprint" : "Name";
        struct slice name = item_text(&item, key);
        json_array_append_new(
            json_object_get(call->kept, "_closed"),
            json_sprintf("%s %.*s", configuration_noun(item.row), SLICE_ARG(name)));
    } else if (item.row->kind == MODEL_CERTIFICATE) {
        note_hex(&item, "_key", answer->key_sha256);
        json_object_set_new(item.json, "_exportable", json_boolean(answer->exportable != 0));
    }
    end_task(call);
}

static void ask_secret(struct call *call, const struct item *item)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct object_id id;
    enum wire_secret_kind kind = item->row->kind == MODEL_CERTIFICATE ? WIRE_SECRET_KEY
                                 : item->row->kind == MODEL_MAILBOX   ? WIRE_SECRET_VERIFIER
                                                                      : WIRE_SECRET_CREDENTIAL;
    if (configuration_secret_read(json_object_get(item->json, item->row->secret), &id, &sealed))
        vault_check_secret(call->hub, kind, id, text_slice(&sealed), on_checked, call);
    else
        item_fail(call, item, "-%s is not what Export-Configuration writes", item->row->secret);
    text_deinit(&sealed);
}

/* --- the change --- */

static void fail_closed(struct call *call, json_t *closed)
{
    char storage[LIST_MAX];
    struct text names = text_over(storage, sizeof(storage));
    size_t count = json_array_size(closed);
    for (size_t i = 0; i < count && i < SHOWN; i++)
        text_append_format(&names, "%s%s", i ? ", " : "",
                           json_string_value(json_array_get(closed, i)));
    if (count > SHOWN)
        text_append_format(&names, " and %zu more", count - SHOWN);
    call_fail_fix(call, OPERATION_FAILED, "postern apply FILE --without-secrets",
                  "these sealed secrets do not open under the key-encryption key of this server, "
                  "or were changed: %.*s. Give the server the key they were sealed with (kek.N), "
                  "or apply the file without secrets; then set passwords with Set-Mailbox "
                  "-Password and Set-SendConnector -AuthenticationCredential, and import the "
                  "certificates again as PKCS#12 files",
                  SLICE_ARG(text_slice(&names)));
}

static bool may_remove(struct call *call)
{
    bool asked;
    return call_switch(call, "Force") || operation_is_dry(call) ||
           (call_has(call, "Confirm") && call_bool(call, "Confirm", true, &asked) && !asked);
}

static void fail_removal(struct call *call, size_t count)
{
    char storage[LIST_MAX];
    struct text names = text_over(storage, sizeof(storage));
    size_t shown = 0;
    for (size_t i = 0; i < json_array_size(call->objects) && shown < SHOWN; i++) {
        json_t *report = json_array_get(call->objects, i);
        if (strcmp(json_string_value(json_object_get(report, "Change")), "Remove") != 0)
            continue;
        text_append_format(&names, "%s%s %s", shown++ ? ", " : "",
                           json_string_value(json_object_get(report, "Kind")),
                           json_string_value(json_object_get(report, "Name")));
    }
    json_array_clear(call->objects);
    call_fail_fix(call, OPERATION_CONFLICT, "add -Confirm:$false (postern apply FILE --yes)",
                  "the file does not name %zu object%s, which would go: %.*s%s", count,
                  count == 1 ? "" : "s", SLICE_ARG(text_slice(&names)),
                  count > shown ? " and more" : "");
}

static void end_change(struct call *call, struct change *change,
                       const struct configuration_counts *counts)
{
    if (counts->added + counts->changed + counts->removed == 0) {
        operation_refuse(change);
        call_inform(call, "nothing to change");
        call_done(call);
    } else if (counts->removed && !may_remove(call)) {
        operation_refuse(change);
        fail_removal(call, counts->removed);
    } else {
        call_inform(call, "%zu added, %zu changed, %zu removed", counts->added, counts->changed,
                    counts->removed);
        operation_commit(call, change);
    }
}

static void edit(struct call *call, struct change *change)
{
    int64_t revision, now = (int64_t)call->hub->model->revision;
    struct configuration_counts counts;
    if (!call_integer(call, "Revision", 0, INT64_MAX, now, &revision)) {
        operation_refuse(change);
    } else if (revision != now) {
        operation_refuse(change);
        call_fail(call, OPERATION_CONFLICT,
                  "the configuration has changed meanwhile: revision %lld is in force, not %lld; "
                  "try again",
                  (long long)now, (long long)revision);
    } else if (configuration_make(call, change, call->kept, &counts)) {
        end_change(call, change, &counts);
    } else {
        operation_refuse(change);
    }
}

static void step(struct call *call)
{
    json_t *closed = json_object_get(call->kept, "_closed");
    const json_t *task = first_task(call);
    if (task) {
        struct item item = item_of(task);
        const char *what = json_string_value(json_object_get(task, "what"));
        if (strcmp(what, "read") == 0)
            ask_certificate(call, &item);
        else
            ask_secret(call, &item);
    } else if (json_array_size(closed) > 0) {
        fail_closed(call, closed);
    } else {
        operation_change(call, edit, NULL);
    }
}

void configuration_import(struct call *call)
{
    json_t *document = configuration_read(call);
    if (!document)
        return;
    call->noun = "ConfigurationChange";
    json_object_set_new(document, "_tasks", json_array());
    json_object_set_new(document, "_closed", json_array());
    struct planning planning = {.here = here_by_text(call->hub->model)};
    bool good = configuration_each(call, document, plan, &planning);
    json_decref(planning.here);
    if (good)
        step(call);
}
