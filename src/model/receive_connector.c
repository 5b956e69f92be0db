/* SPDX-License-Identifier: Apache-2.0 */
#include "model/receive_connector.h"

#include "model/certificate_name.h"
#include "model/server.h"

struct slice receive_connector_fqdn(const struct receive_connector *connector,
                                    const struct server *server)
{
    return connector->fqdn.len || !server ? connector->fqdn : server->fqdn;
}

static bool derive_identity(struct receive_connector *connector, struct arena *arena)
{
    char storage[256];
    struct text identity = text_over(storage, sizeof storage);
    return text_append(&identity, connector->server) && text_append_byte(&identity, '\\') &&
           text_append(&identity, connector->name) &&
           arena_copy(arena, text_slice(&identity), &connector->identity);
}

bool receive_connector_derive(struct receive_connector *connector, const struct model *model,
                              distinguished_name_parse_fn *parse_name, struct arena *arena,
                              struct text *error)
{
    connector->permission_groups &= ~(uint32_t)GROUP_CUSTOM; /* says what permissions there are */
    if (!derive_identity(connector, arena)) {
        if (error)
            text_append_c(error, "Name: it is too long.");
        return false;
    }
    const struct certificate_name_key key = {
        &connector->tls_issuer_der, &connector->tls_subject_der, &connector->tls_thumbprint};
    return certificate_name_derive(connector->tls_certificate_name, parse_name, model, arena, &key,
                                   error);
}

/* clang-format off */
static const struct usage {
    const char *name;
    uint32_t groups, mechanisms;
    bool needs_bindings, needs_ranges;
    uint16_t port;      /* of the implied bindings */
    const char *ranges; /* implied; NULL: those of the table */
} usages[] = {
    [USAGE_CUSTOM] =   {"Custom", 0, AUTH_TLS, true, true, 0, NULL},
    [USAGE_CLIENT] =   {"Client", GROUP_EXCHANGE_USERS, AUTH_TLS | AUTH_BASIC | AUTH_BASIC_REQUIRE_TLS | AUTH_INTEGRATED, false, true, 587, NULL},
    [USAGE_INTERNAL] = {"Internal", GROUP_EXCHANGE_SERVERS | GROUP_EXCHANGE_LEGACY_SERVERS, AUTH_TLS | AUTH_EXCHANGE_SERVER, false, true, 25, NULL},
    [USAGE_INTERNET] = {"Internet", GROUP_ANONYMOUS_USERS, AUTH_TLS, true, false, 0, "0.0.0.0-255.255.255.255"},
    [USAGE_PARTNER] =  {"Partner", GROUP_PARTNERS, AUTH_TLS, true, true, 0, NULL},
};
/* clang-format on */

bool receive_connector_usage_parse(struct slice written, enum receive_connector_usage *out_usage)
{
    for (size_t i = 0; i < COUNT_OF(usages); i++)
        if (slice_equal_nocase(written, slice_of(usages[i].name))) {
            *out_usage = (enum receive_connector_usage)i;
            return true;
        }
    return false;
}

static bool put(struct receive_connector *connector, const char *setting, struct slice value,
                struct arena *arena, struct text *error)
{
    return setting_parse(setting_exact(receive_connector_settings, slice_of(setting)), connector,
                         arena, &value, 1, error);
}

static bool put_port(struct receive_connector *connector, int64_t port, struct arena *arena,
                     struct text *error)
{
    char storage[64];
    struct text bindings = text_over(storage, sizeof storage);
    text_append_format(&bindings, "0.0.0.0:%lld,[::]:%lld", (long long)port, (long long)port);
    return put(connector, "Bindings", text_slice(&bindings), arena, error);
}

bool receive_connector_apply_usage(struct receive_connector *connector,
                                   enum receive_connector_usage usage, bool bindings_given,
                                   bool ranges_given, int64_t port_offset, struct arena *arena,
                                   struct text *error)
{
    const struct usage *row = &usages[usage];
    bool lacks_bindings = row->needs_bindings && !bindings_given;
    if (lacks_bindings || (row->needs_ranges && !ranges_given)) {
        if (error)
            text_append_format(error, "Usage %s needs -%s, such as %s.", row->name,
                               lacks_bindings ? "Bindings" : "RemoteIPRanges",
                               lacks_bindings ? "0.0.0.0:25" : "192.0.2.0/24");
        return false;
    }
    connector->permission_groups = row->groups;
    connector->auth_mechanism = row->mechanisms;
    connector->domain_secure_enabled = (row->groups & GROUP_PARTNERS) != 0;
    if (!bindings_given && row->port && !put_port(connector, row->port + port_offset, arena, error))
        return false;
    return ranges_given || !row->ranges ||
           put(connector, "RemoteIPRanges", slice_of(row->ranges), arena, error);
}
