/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_connector.h"

#include "model/certificate_name.h"

struct slice send_connector_fqdn(const struct send_connector *connector,
                                 const struct server *server)
{
    return connector->fqdn.len || !server ? connector->fqdn : server->fqdn;
}

static bool derive_server(struct send_connector *connector, const struct model *model,
                          struct arena *arena)
{
    const struct server *server = model ? model_server(model) : NULL;
    if (connector->source_servers.count || !server)
        return true;
    struct slice *name = arena_take(arena, sizeof *name);
    if (!name || !arena_copy(arena, server->name, name))
        return false;
    connector->source_servers = (struct slice_list){name, 1};
    return true;
}

bool send_connector_derive(struct send_connector *connector, const struct model *model,
                           distinguished_name_parse_fn *parse_name, struct arena *arena,
                           struct text *error)
{
    if (!derive_server(connector, model, arena)) {
        if (error)
            text_append_c(error, "SourceTransportServers: there is no memory for the value.");
        return false;
    }
    const struct certificate_name_key key = {
        &connector->tls_issuer_der, &connector->tls_subject_der, &connector->tls_thumbprint};
    return certificate_name_derive(connector->tls_certificate_name, parse_name, model, arena, &key,
                                   error);
}

bool send_connector_names(const struct send_connector *connector,
                          const struct certificate *certificate)
{
    if (connector->tls_thumbprint.len)
        return slice_equal(certificate->thumbprint, connector->tls_thumbprint);
    return connector->tls_issuer_der.len && connector->tls_subject_der.len &&
           slice_equal(certificate->issuer_der, connector->tls_issuer_der) &&
           slice_equal(certificate->subject_der, connector->tls_subject_der);
}

static const char *const usages[] = {
    [SEND_USAGE_CUSTOM] = "Custom",
    [SEND_USAGE_INTERNAL] = "Internal",
    [SEND_USAGE_INTERNET] = "Internet",
    [SEND_USAGE_PARTNER] = "Partner",
};

bool send_connector_usage_parse(struct slice written, enum send_connector_usage *out_usage)
{
    for (size_t i = 0; i < COUNT_OF(usages); i++)
        if (slice_equal_nocase(written, slice_of(usages[i]))) {
            *out_usage = (enum send_connector_usage)i;
            return true;
        }
    return false;
}

void send_connector_apply_usage(struct send_connector *connector, enum send_connector_usage usage)
{
    if (usage == SEND_USAGE_INTERNAL)
        connector->max_message_bytes = INT64_MAX;
}
