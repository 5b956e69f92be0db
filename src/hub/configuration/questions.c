/* SPDX-License-Identifier: Apache-2.0 */
/* The questions lie in the document ("_tasks"), the answers in its items, so that all of it goes
 * with the call. */
#include "hub/configuration/questions.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/pem.h"
#include "hub/certificates/intake.h"
#include "hub/configuration/mail_keys.h"
#include "hub/configuration/object.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/object.h"
#include "hub/vault_link.h"
#include "tls/import.h"

#include <string.h>

enum { SHOWN = 10, LIST_MAX = 1000, ERROR_MAX = 1000, KEYS_MAX = 1 << 16 };

static void step(struct call *call);

/* `part`: which of several secrets. */
static void add_task(struct call *call, const struct item *item, const char *what, size_t part)
{
    json_t *tasks = json_object_get(call->kept, "_tasks");
    json_array_append_new(tasks,
                          json_pack("{s:s, s:i, s:i, s:i, s:O}", "what", what, "part", (int)part,
                                    "kind", (int)(item->row - configuration_kinds), "number",
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

static size_t part_of(const json_t *task)
{
    return (size_t)json_integer_value(json_object_get(task, "part"));
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

static void fail_sealed(struct call *call, const struct item *item)
{
    item_fail(call, item, "-%s is not what Export-Configuration writes", item->row->secret);
}

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
        add_task(call, item, "read", 0);
    return true;
}

static bool mail_keys_are_here(const struct call *call, const struct item *item,
                               struct object_id id, struct slice sealed)
{
    struct text here = text_with_ceiling(WIRE_SECRET_MAX);
    const struct dkim_signing_config *config =
        model_by_id(call->hub->model, MODEL_DKIM_SIGNING_CONFIG, id);
    bool same = config && slice_equal_nocase(config->domain_name, item_name(item)) &&
                mail_keys_append(&here, config) && slice_equal(text_slice(&here), sealed);
    text_deinit(&here);
    return same;
}

static bool secret_is_here(const struct call *call, const struct item *item, struct object_id id,
                           struct slice sealed)
{
    enum model_kind kind = item->row->kind;
    if (kind == MODEL_DKIM_SIGNING_CONFIG)
        return mail_keys_are_here(call, item, id, sealed);
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

/* Each key that signs mail is a secret of its own. */
static bool plan_secret(struct call *call, const struct item *item, struct slice sealed)
{
    struct arena arena = arena_with_ceiling(KEYS_MAX);
    struct dkim_signing_config config = {0};
    bool good = true;
    if (item->row->kind != MODEL_DKIM_SIGNING_CONFIG) {
        add_task(call, item, "secret", 0);
    } else {
        good = mail_keys_read(sealed, &config, &arena);
        for (size_t part = 0; good && part < MAIL_KEYS; part++)
            if (mail_key_at(&config, part)->sealed.len)
                add_task(call, item, "secret", part);
    }
    arena_deinit(&arena);
    if (!good)
        fail_sealed(call, item);
    return good;
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
        fail_sealed(call, item);
    else if (value && !secret_is_here(call, item, id, text_slice(&sealed)))
        good = plan_secret(call, item, text_slice(&sealed));
    else if (!value && item->row->kind == MODEL_DKIM_SIGNING_CONFIG &&
             !dkim_signing_config_of(call->hub->model, item_name(item)))
        add_task(call, item, "make", 0);
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

/* Once, however many keys of it do not open. */
static void note_closed(struct call *call, const struct item *item)
{
    struct slice name = item_name(item);
    json_t *closed = json_object_get(call->kept, "_closed");
    json_t *written = json_sprintf("%s %.*s", configuration_noun(item->row), SLICE_ARG(name));
    const json_t *last = json_array_get(closed, json_array_size(closed) - 1);
    if (!last || !json_equal(last, written))
        json_array_append(closed, written);
    json_decref(written);
}

static void on_checked(void *context, const struct wire_secret_checked *answer)
{
    struct call *call = context;
    struct item item = item_of(first_task(call));
    if (!answer) {
        call_fail(call, OPERATION_FAILED, "the vault did not answer; try again");
        return;
    }
    if (!answer->opens) {
        note_closed(call, &item);
    } else if (item.row->kind == MODEL_CERTIFICATE) {
        note_hex(&item, "_key", answer->key_sha256);
        json_object_set_new(item.json, "_exportable", json_boolean(answer->exportable != 0));
    } else if (item.row->kind == MODEL_DKIM_SIGNING_CONFIG) {
        mail_keys_note_public(&item, part_of(first_task(call)), answer->public_key);
    }
    end_task(call);
}

static enum wire_secret_kind secret_kind(enum model_kind kind)
{
    return kind == MODEL_CERTIFICATE ? WIRE_SECRET_KEY
           : kind == MODEL_MAILBOX   ? WIRE_SECRET_VERIFIER
                                     : WIRE_SECRET_CREDENTIAL;
}

static void ask_mail_key(struct call *call, const struct item *item, struct object_id id,
                         struct slice sealed)
{
    struct arena arena = arena_with_ceiling(KEYS_MAX);
    struct dkim_signing_config config = {0};
    size_t part = part_of(first_task(call));
    bool rsa = mail_key_algorithm(part) == DKIM_RSA_SHA256;
    if (mail_keys_read(sealed, &config, &arena))
        vault_check_secret(call->hub, rsa ? WIRE_SECRET_MAIL_RSA : WIRE_SECRET_MAIL_ED25519, id,
                           mail_key_at(&config, part)->sealed, on_checked, call);
    else
        fail_sealed(call, item);
    arena_deinit(&arena);
}

static void ask_secret(struct call *call, const struct item *item)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct object_id id;
    enum model_kind kind = item->row->kind;
    if (!configuration_secret_read(json_object_get(item->json, item->row->secret), &id, &sealed))
        fail_sealed(call, item);
    else if (kind == MODEL_DKIM_SIGNING_CONFIG)
        ask_mail_key(call, item, id, text_slice(&sealed));
    else
        vault_check_secret(call->hub, secret_kind(kind), id, text_slice(&sealed), on_checked, call);
    text_deinit(&sealed);
}

/* --- keys that sign mail, and are not here yet --- */

static void on_made(void *context, const struct wire_dkim_made *made)
{
    struct call *call = context;
    struct item item = item_of(first_task(call));
    struct object_id id;
    size_t len;
    struct slice digits = item_text(&item, "_id");
    bool good = made && made->outcome == 0 && hex_decode(digits, id.bytes, sizeof id.bytes, &len) &&
                mail_keys_take_made(&item, id, made);
    if (!good) {
        call_fail(call, OPERATION_FAILED, "the vault did not make the keys; try again");
        return;
    }
    if (!operation_is_dry(call))
        call_warn(call,
                  "the keys of %.*s are new: publish what Get-DkimSigningConfig shows as "
                  "DnsRecords",
                  SLICE_ARG(item_name(&item)));
    end_task(call);
}

static void ask_keys(struct call *call, const struct item *item)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof storage);
    struct object_id id = operation_new_id();
    struct wire_dkim_make make = {.id = slice_bytes(id.bytes, sizeof id.bytes)};
    note_hex(item, "_id", make.id);
    if (mail_keys_wish(item, &make, &error))
        vault_make_mail_keys(call->hub, make, on_made, call);
    else
        item_fail(call, item, "%.*s", SLICE_ARG(text_slice(&error)));
}

/* --- one after the other --- */

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

static void step(struct call *call)
{
    json_t *closed = json_object_get(call->kept, "_closed");
    const json_t *task = first_task(call);
    if (task) {
        struct item item = item_of(task);
        const char *what = json_string_value(json_object_get(task, "what"));
        if (strcmp(what, "read") == 0)
            ask_certificate(call, &item);
        else if (strcmp(what, "make") == 0)
            ask_keys(call, &item);
        else
            ask_secret(call, &item);
    } else if (json_array_size(closed) > 0) {
        fail_closed(call, closed);
    } else {
        ((struct work *)call->scratch)->after(call);
    }
}

bool questions_plan(struct call *call, json_t *document)
{
    json_object_set_new(document, "_tasks", json_array());
    json_object_set_new(document, "_closed", json_array());
    struct planning planning = {.here = here_by_text(call->hub->model)};
    bool good = configuration_each(call, document, plan, &planning);
    json_decref(planning.here);
    return good;
}

void questions_ask(struct call *call, void (*answered)(struct call *call))
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return;
    work->after = answered;
    step(call);
}
