/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/export.h"

#include "hub/certificates/intake.h"
#include "hub/configuration/mail_keys.h"
#include "hub/configuration/object.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/object.h"

#include <stdlib.h>
#include <string.h>

enum { USAGES = USAGE_PARTNER + 1, NAME_MAX_BYTES = 2048, PEM_MAX_BYTES = 1 << 20 };

struct exporting {
    const struct hub *hub;
    const struct model *model;
    bool secrets;
    const struct configuration_kind *kind;
    struct configuration_rows rows;
    struct model *scratch;
    void *fresh[USAGES]; /* as the cmdlet begins; of other kinds than connectors only the first */
};

/* --- what the cmdlet begins with --- */

static bool make_fresh(struct exporting *exporting)
{
    enum model_kind kind = exporting->kind->kind;
    size_t count = kind == MODEL_RECEIVE_CONNECTOR ? USAGES : 1;
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        exporting->fresh[i] = model_object_new(exporting->scratch, kind);
        good = exporting->fresh[i] != NULL;
        if (!good || kind != MODEL_RECEIVE_CONNECTOR)
            continue;
        struct receive_connector *connector = exporting->fresh[i];
        connector->server = model_server(exporting->model)->name;
        good = receive_connector_apply_usage(connector, (enum receive_connector_usage)i, true, true,
                                             0, exporting->scratch->arena, NULL);
    }
    return good;
}

static size_t count_differences(const struct exporting *exporting, const void *fresh,
                                const void *object)
{
    size_t count = 0;
    for (size_t i = 0; i < exporting->rows.count; i++)
        count += !setting_equal(exporting->rows.at[i], fresh, object);
    return count;
}

/* A connector does not remember for which usage it was made: the one that says most counts. */
static const void *nearest_usage(const struct exporting *exporting, const void *connector,
                                 json_t *out)
{
    static const char *const names[USAGES] = {[USAGE_CLIENT] = "Client",
                                              [USAGE_INTERNAL] = "Internal",
                                              [USAGE_INTERNET] = "Internet",
                                              [USAGE_PARTNER] = "Partner"};
    size_t best = USAGE_CUSTOM;
    size_t fewest = count_differences(exporting, exporting->fresh[best], connector);
    for (size_t i = USAGE_CUSTOM + 1; i < USAGES; i++) {
        size_t count = count_differences(exporting, exporting->fresh[i], connector);
        if (count >= fewest)
            continue;
        fewest = count;
        best = i;
    }
    if (names[best])
        json_object_set_new(out, "Usage", json_string(names[best]));
    return exporting->fresh[best];
}

static void put_setting(const struct setting *row, const void *object, json_t *out)
{
    json_object_set_new(out, row->name, json_of_setting(row, object));
}

static void put_settings(const struct exporting *exporting, const void *fresh, const void *object,
                         json_t *out)
{
    for (size_t i = 0; i < exporting->rows.count; i++) {
        const struct setting *row = exporting->rows.at[i];
        if ((row->flags & SETTING_REQUIRED) || !setting_equal(row, fresh, object))
            put_setting(row, object, out);
    }
}

/* --- kinds with parameters that are no settings --- */

static void put_certificate(const struct exporting *exporting,
                            const struct certificate *certificate, json_t *out)
{
    struct text pem = text_with_ceiling(PEM_MAX_BYTES);
    put_settings(exporting, exporting->fresh[0], certificate, out);
    if (certificate->exportable)
        json_object_set_new(out, "PrivateKeyExportable", json_string("$true"));
    certificate_append_pem(&pem, certificate);
    json_object_set_new(out, "FileData", json_of_base64(text_slice(&pem)));
    text_deinit(&pem);
    if (certificate->status == STATUS_PENDING_REQUEST)
        json_object_set_new(out, "CertificateRequest", json_of_base64(certificate->request_der));
    if (certificate->ocsp_response.len)
        json_object_set_new(out, "OcspResponse", json_of_base64(certificate->ocsp_response));
    if (exporting->secrets && certificate->key_sealed.len)
        json_object_set_new(out, "SealedKey",
                            configuration_secret_json(certificate->id, certificate->key_sealed));
}

static void put_secret(const struct exporting *exporting, const void *object, json_t *out)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct text key_name = text_with_ceiling(256);
    struct object_id id = ((const struct object *)object)->id;
    struct slice kind = slice_of(secret_kind_of(exporting->kind->kind));
    if (exporting->secrets &&
        config_secret_get(exporting->hub->store, kind, id, &sealed, &key_name) == STORE_OK)
        json_object_set_new(out, exporting->kind->secret,
                            configuration_secret_json(id, text_slice(&sealed)));
    text_deinit(&sealed);
    text_deinit(&key_name);
}

static void put_send_connector(const struct exporting *exporting,
                               const struct send_connector *connector, json_t *out)
{
    put_settings(exporting, exporting->fresh[0], connector, out);
    if (connector->credential_user.len == 0)
        return;
    json_object_set_new(out, "CredentialUser", json_of_slice(connector->credential_user));
    put_secret(exporting, connector, out);
}

static void put_mail_keys(const struct exporting *exporting,
                          const struct dkim_signing_config *config, json_t *out)
{
    struct text keys = text_with_ceiling(WIRE_SECRET_MAX);
    put_settings(exporting, exporting->fresh[0], config, out);
    if (exporting->secrets && mail_keys_append(&keys, config))
        json_object_set_new(out, "SealedKeys",
                            configuration_secret_json(config->id, text_slice(&keys)));
    text_deinit(&keys);
}

/* The folder is called as the mailbox where nothing else is said. */
static void put_mailbox(const struct exporting *exporting, const struct mailbox *mailbox,
                        json_t *out)
{
    struct mailbox fresh = *(const struct mailbox *)exporting->fresh[0];
    if (mailbox_name_is_folder(mailbox->name))
        fresh.maildir_name = mailbox->name;
    put_settings(exporting, &fresh, mailbox, out);
    put_secret(exporting, mailbox, out);
}

static void put_permission(const struct exporting *exporting, const struct permission *permission,
                           json_t *out)
{
    char storage[NAME_MAX_BYTES];
    struct text user = text_over(storage, sizeof(storage));
    const struct receive_connector *connector =
        model_by_id(exporting->model, MODEL_RECEIVE_CONNECTOR, permission->object);
    const struct mailbox *mailbox =
        model_by_id(exporting->model, MODEL_MAILBOX, permission->object);
    struct slice object = connector ? connector->name : mailbox ? mailbox->name : SLICE("");
    configuration_append_user(&user, exporting->model, permission);
    json_object_set_new(out, "Identity", json_of_slice(object));
    json_object_set_new(out, "User", json_of_slice(text_slice(&user)));
    put_settings(exporting, exporting->fresh[0], permission, out);
    if (permission->deny)
        json_object_set_new(out, "Deny", json_true());
}

static void put_name_first(const struct exporting *exporting, const void *object, json_t *out)
{
    for (size_t i = 0; i < exporting->rows.count; i++)
        if (strcmp(exporting->rows.at[i]->name, "Name") == 0)
            put_setting(exporting->rows.at[i], object, out);
}

static json_t *json_of(const struct exporting *exporting, const void *object)
{
    json_t *out = json_object();
    put_name_first(exporting, object, out);
    if (exporting->kind->kind == MODEL_CERTIFICATE)
        put_certificate(exporting, object, out);
    else if (exporting->kind->kind == MODEL_MAILBOX)
        put_mailbox(exporting, object, out);
    else if (exporting->kind->kind == MODEL_SEND_CONNECTOR)
        put_send_connector(exporting, object, out);
    else if (exporting->kind->kind == MODEL_DKIM_SIGNING_CONFIG)
        put_mail_keys(exporting, object, out);
    else if (exporting->kind->kind == MODEL_PERMISSION)
        put_permission(exporting, object, out);
    else if (exporting->kind->kind == MODEL_RECEIVE_CONNECTOR)
        put_settings(exporting, nearest_usage(exporting, object, out), object, out);
    else
        put_settings(exporting, exporting->fresh[0], object, out);
    return out;
}

/* --- all of a kind --- */

struct named {
    struct slice name;
    const void *object;
};

static int compare_named(const void *a, const void *b)
{
    struct slice left = ((const struct named *)a)->name, right = ((const struct named *)b)->name;
    int order = slice_compare_nocase(left, right);
    return order ? order : slice_compare(left, right);
}

static bool name_all(const struct exporting *exporting, struct named *named, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char storage[NAME_MAX_BYTES];
        struct text name = text_over(storage, sizeof(storage));
        named[i].object = model_object(exporting->model, exporting->kind->kind, i);
        configuration_append_name(&name, exporting->model, exporting->kind->kind, named[i].object);
        if (!arena_copy(&exporting->scratch->objects, text_slice(&name), &named[i].name))
            return false;
    }
    qsort(named, count, sizeof(*named), compare_named);
    return true;
}

/* A single one that is as it always begins is left out. */
static bool put_kind(struct exporting *exporting, json_t *objects)
{
    size_t count = model_count(exporting->model, exporting->kind->kind);
    exporting->rows = configuration_rows_of(exporting->kind);
    exporting->scratch = model_new();
    struct named *named = calloc(count + 1, sizeof(*named));
    bool good =
        named && exporting->scratch && make_fresh(exporting) && name_all(exporting, named, count);
    json_t *list = json_array();
    for (size_t i = 0; good && i < count; i++) {
        json_t *object = json_of(exporting, named[i].object);
        bool said = !exporting->kind->single || json_object_size(object) > 0;
        good = !said || json_array_append(list, object) == 0;
        json_decref(object);
    }
    if (json_array_size(list))
        json_object_set(objects, configuration_noun(exporting->kind), list);
    json_decref(list);
    model_free(exporting->scratch);
    free(named);
    return good;
}

static const char note[] =
    "Sealed keys and passwords open only under the key-encryption key of this server. On another "
    "server give it that key first (kek.N), or apply the file with --without-secrets.";

json_t *configuration_document(const struct hub *hub, bool secrets)
{
    struct exporting exporting = {.hub = hub, .model = hub->model, .secrets = secrets};
    json_t *objects = json_object();
    bool good = objects != NULL;
    for (size_t i = 0; good && i < configuration_kind_count; i++) {
        exporting.kind = &configuration_kinds[i];
        good = put_kind(&exporting, objects);
    }
    json_t *document = json_pack("{s:i, s:o, s:b, s:O}", "format", CONFIGURATION_FORMAT, "server",
                                 json_of_slice(model_server(hub->model)->name), "sealed", secrets,
                                 "objects", objects);
    json_decref(objects);
    if (secrets)
        json_object_set_new(document, "note", json_string(note));
    if (good)
        return document;
    json_decref(document);
    return NULL;
}
