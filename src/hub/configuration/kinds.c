/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/kinds.h"

#include "base/base64.h"
#include "base/hex.h"
#include "hub/certificates/intake.h"
#include "hub/certificates/response.h"
#include "hub/configuration/mail_keys.h"
#include "hub/configuration/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/permission.h"
#include "model/rights.h"
#include "tls/distinguished_name.h"

#include <stdlib.h>

/* --- receive connectors --- */

static bool begin_connector(const struct item *item, struct model *draft, void *object,
                            struct text *error)
{
    enum receive_connector_usage usage = USAGE_CUSTOM;
    struct slice written = item_text(item, "Usage");
    const struct server *server = model_server(draft);
    if (written.len && !receive_connector_usage_parse(written, &usage)) {
        text_append_c(error, "-Usage must be Client, Custom, Internal, Internet or Partner");
        return false;
    }
    return receive_connector_apply_usage(object, usage,
                                         json_object_get(item->json, "Bindings") != NULL,
                                         json_object_get(item->json, "RemoteIPRanges") != NULL,
                                         server ? server->port_offset : 0, draft->arena, error);
}

static bool end_connector(const struct item *item, struct model *draft, void *object,
                          struct text *error)
{
    (void)item;
    struct receive_connector *connector = object;
    const struct server *server = model_server(draft);
    if (server && connector->server.len && !slice_equal_nocase(connector->server, server->name)) {
        text_append_format(error, "there is no server \"%.*s\" here",
                           SLICE_ARG(slice_first(connector->server, 80)));
        return false;
    }
    if (server)
        connector->server = server->name;
    return receive_connector_derive(connector, draft, distinguished_name_parse, draft->arena,
                                    error);
}

/* --- send connectors --- */

/* The user is no setting: with a cmdlet he comes with his password. */
static bool end_send_connector(const struct item *item, struct model *draft, void *object,
                               struct text *error)
{
    struct send_connector *connector = object;
    struct slice user = item_text(item, "CredentialUser");
    const struct setting *row =
        setting_exact(send_connector_settings, SLICE("AuthenticationCredential"));
    if (json_object_get(item->json, "SealedCredential") && !user.len) {
        text_append_c(error, "-SealedCredential needs -CredentialUser");
        return false;
    }
    return setting_parse(row, connector, draft->arena, &user, 1, error) &&
           send_connector_derive(connector, draft, distinguished_name_parse, draft->arena, error);
}

/* --- mailboxes --- */

static bool end_mailbox(const struct item *item, struct model *draft, void *object,
                        struct text *error)
{
    (void)draft;
    struct mailbox *mailbox = object;
    if (json_object_get(item->json, "SealedPassword"))
        mailbox->has_password = true;
    if (mailbox->maildir_name.len)
        return true;
    if (mailbox_name_is_folder(mailbox->name)) {
        mailbox->maildir_name = mailbox->name;
        return true;
    }
    text_append_c(error, "the name cannot be the name of a folder; give -MaildirName");
    return false;
}

/* --- certificates --- */

static bool decode(const struct item *item, const char *name, struct arena *arena,
                   struct slice *out, struct text *error)
{
    struct text bytes = text_with_ceiling(WIRE_FILE_MAX);
    struct slice written = item_text(item, name);
    *out = (struct slice){0};
    bool good = base64_decode(written, &bytes) &&
                (bytes.len == 0 || arena_copy(arena, text_slice(&bytes), out));
    text_deinit(&bytes);
    if (!good)
        text_append_format(error, "-%s is not base64, or too long", name);
    return good;
}

/* What the vault has read takes the place of the facts; what is ours stays. */
static bool begin_certificate(const struct item *item, struct model *draft, void *object,
                              struct text *error)
{
    struct certificate *certificate = object;
    struct slice record;
    if (!json_object_get(item->json, "_record"))
        return true;
    if (!decode(item, "_record", draft->arena, &record, error))
        return false;
    const struct certificate *read = model_object_decode(draft, MODEL_CERTIFICATE, record);
    if (!read) {
        text_append_c(error, "what the vault made of the certificate is malformed");
        return false;
    }
    struct certificate old = *certificate;
    *certificate = *read;
    certificate->id = old.id;
    certificate->version = old.version;
    certificate->created_ms = old.created_ms;
    certificate->changed_ms = old.changed_ms;
    certificate->has_private_key = old.has_private_key;
    certificate->exportable = old.exportable;
    certificate->key_sealed = old.key_sealed;
    certificate->key_handle = old.key_handle;
    certificate->friendly_name = old.friendly_name;
    certificate->services = old.services;
    if (certificate_response_compare(&old, read) != RESPONSE_NEWER)
        certificate_response_take(certificate, &old);
    return true;
}

/* The certificate only stands in for the one that is asked for. */
static void make_pending(struct certificate *certificate, struct slice request)
{
    certificate->request_der = request;
    certificate->status = STATUS_PENDING_REQUEST;
    certificate->root_ca_type = ROOT_UNKNOWN;
    certificate->findings = 0;
    certificate->judged_by = (struct slice){0};
    certificate->key_handle = 0;
}

static bool take_key(const struct item *item, struct model *draft, struct certificate *certificate,
                     struct text *error)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    char storage[80];
    struct text digest = text_over(storage, sizeof(storage));
    struct object_id id;
    struct slice written = item_text(item, "_key");
    bool good = configuration_secret_read(json_object_get(item->json, "SealedKey"), &id, &sealed);
    if (good && slice_equal(text_slice(&sealed), certificate->key_sealed)) {
        text_deinit(&sealed);
        return true;
    }
    good = good && arena_copy(draft->arena, text_slice(&sealed), &certificate->key_sealed);
    text_deinit(&sealed);
    hex_append_upper(&digest, certificate->key_sha256);
    if (good && written.len && !slice_equal(written, text_slice(&digest))) {
        text_append_c(error, "-SealedKey belongs to another certificate");
        return false;
    }
    if (!good)
        text_append_c(error, "-SealedKey is not what Export-Configuration writes");
    if (written.len)
        certificate->exportable = json_is_true(json_object_get(item->json, "_exportable"));
    certificate->has_private_key = true;
    certificate->key_handle = certificate_key_handle(certificate->id);
    return good;
}

static bool end_certificate(const struct item *item, struct model *draft, void *object,
                            struct text *error)
{
    struct certificate *certificate = object;
    struct slice request;
    if (json_object_get(item->json, "SealedKey") && !take_key(item, draft, certificate, error))
        return false;
    if (!json_object_get(item->json, "CertificateRequest"))
        return true;
    if (!decode(item, "CertificateRequest", draft->arena, &request, error))
        return false;
    make_pending(certificate, request);
    return true;
}

/* --- keys that sign mail --- */

static bool end_mail_keys(const struct item *item, struct model *draft, void *object,
                          struct text *error)
{
    return mail_keys_apply(item, object, draft->arena, error);
}

/* --- permissions --- */

static struct slice behind_server(const struct model *draft, struct slice identity)
{
    struct slice rest = identity, server;
    bool ours = model_server(draft) && slice_take_until(&rest, '\\', &server) &&
                slice_equal_nocase(server, model_server(draft)->name);
    return ours ? rest : identity;
}

static const struct receive_connector *connector_of(const struct model *draft, struct slice name)
{
    name = behind_server(draft, name);
    for (size_t i = 0; i < model_count(draft, MODEL_RECEIVE_CONNECTOR); i++)
        if (slice_equal_nocase(model_receive_connector(draft, i)->name, name))
            return model_receive_connector(draft, i);
    return NULL;
}

static bool read_object(const struct item *item, const struct model *draft, struct permission *out,
                        struct text *error)
{
    struct slice identity = item_text(item, "Identity");
    bool send_as = out->rights & RIGHT_SEND_AS;
    const struct mailbox *mailbox = send_as ? mailbox_of_login(draft, identity) : NULL;
    const struct receive_connector *connector = send_as ? NULL : connector_of(draft, identity);
    if (mailbox)
        out->object = mailbox->id;
    if (connector)
        out->object = connector->id;
    if (!mailbox && !connector)
        text_append_format(error, "-Identity: the configuration has no %s \"%.*s\"",
                           send_as ? "mailbox" : "receive connector",
                           SLICE_ARG(slice_first(identity, 120)));
    return mailbox || connector;
}

static bool read_user(const struct item *item, const struct model *draft, struct permission *out,
                      struct text *error)
{
    struct slice user = item_text(item, "User");
    enum principal principal;
    if (principal_parse(user, &principal)) {
        out->principal = (uint32_t)principal;
        if (!permission_is_recognised(principal))
            text_append_format(error, "no session is recognised as %s yet",
                               principal_name(principal));
        return permission_is_recognised(principal);
    }
    const struct mailbox *mailbox = mailbox_of_login(draft, user);
    if (!mailbox) {
        text_append_format(error, "-User: the configuration has no mailbox \"%.*s\"",
                           SLICE_ARG(slice_first(user, 120)));
        return false;
    }
    bool self = object_id_equal(mailbox->id, out->object);
    out->principal = self ? PRINCIPAL_SELF : PRINCIPAL_MAILBOX;
    out->mailbox = self ? (struct object_id){{0}} : mailbox->id;
    return true;
}

static bool is_on(const json_t *value)
{
    struct slice text = slice_bytes(json_string_value(value), json_string_length(value));
    return json_is_true(value) || slice_equal_nocase(text, SLICE("$true"));
}

bool configuration_read_permission(const struct item *item, struct model *draft,
                                   struct permission *out, struct text *error)
{
    json_t *rights = json_object_get(item->json, "ExtendedRights");
    *out = (struct permission){.deny = is_on(json_object_get(item->json, "Deny"))};
    return (!rights || parameter_apply(setting_exact(permission_settings, SLICE("ExtendedRights")),
                                       rights, out, draft->arena, error)) &&
           read_object(item, draft, out, error) && read_user(item, draft, out, error);
}

static bool end_permission(const struct item *item, struct model *draft, void *object,
                           struct text *error)
{
    struct permission read, *permission = object;
    if (!configuration_read_permission(item, draft, &read, error))
        return false;
    permission->object = read.object;
    permission->principal = read.principal;
    permission->mailbox = read.mailbox;
    permission->deny = read.deny;
    return true;
}

struct configuration_peculiar configuration_peculiar_of(enum model_kind kind)
{
    static const struct configuration_peculiar rows[MODEL_KINDS] = {
        [MODEL_RECEIVE_CONNECTOR] = {begin_connector, end_connector},
        [MODEL_SEND_CONNECTOR] = {NULL, end_send_connector},
        [MODEL_MAILBOX] = {NULL, end_mailbox},
        [MODEL_CERTIFICATE] = {begin_certificate, end_certificate},
        [MODEL_DKIM_SIGNING_CONFIG] = {NULL, end_mail_keys},
        [MODEL_PERMISSION] = {NULL, end_permission},
    };
    return rows[kind];
}
