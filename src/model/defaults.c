/* SPDX-License-Identifier: Apache-2.0 */
#include "model/defaults.h"

enum {
    ALL_LOGINS = AUTH_TLS | AUTH_INTEGRATED | AUTH_BASIC | AUTH_BASIC_REQUIRE_TLS,
    SERVERS = GROUP_EXCHANGE_SERVERS | GROUP_EXCHANGE_LEGACY_SERVERS,
    BINDINGS_MAX = 64,
};

/* What a default connector sets beside the fallbacks of the table. */
struct value {
    const char *setting, *value;
};

/* clang-format off */
static const struct value verbose[] = {{"ProtocolLoggingLevel", "Verbose"}, {NULL, NULL}};
static const struct value client[] = {{"MessageRateLimit", "5"}, {"MessageRateSource", "User"}, {NULL, NULL}};
static const struct value implicit[] = {{"MessageRateLimit", "5"}, {"MessageRateSource", "User"}, {"TlsMode", "Implicit"}, {NULL, NULL}};
static const struct value internal[] = {
    {"MaxInboundConnectionPerSource", "Unlimited"}, {"MaxInboundConnectionPercentagePerSource", "100"},
    {"MaxRecipientsPerMessage", "5000"}, {NULL, NULL},
};
static const struct value nothing[] = {{NULL, NULL}};

static const struct default_connector {
    const char *prefix;
    enum transport_role role;
    uint16_t port;
    uint32_t mechanisms, groups;
    const struct value *values;
} connectors[] = {
    {"Default Frontend",        TRANSPORT_ROLE_FRONTEND, 25,   ALL_LOGINS | AUTH_EXCHANGE_SERVER, GROUP_ANONYMOUS_USERS | SERVERS, verbose},
    {"Client Frontend",         TRANSPORT_ROLE_FRONTEND, 587,  ALL_LOGINS, GROUP_EXCHANGE_USERS, client},
    {"Client Implicit",         TRANSPORT_ROLE_FRONTEND, 465,  ALL_LOGINS, GROUP_EXCHANGE_USERS, implicit},
    {"Outbound Proxy Frontend", TRANSPORT_ROLE_FRONTEND, 717,  ALL_LOGINS | AUTH_EXCHANGE_SERVER, GROUP_EXCHANGE_SERVERS, nothing},
    {"Default",                 TRANSPORT_ROLE_HUB,      2525, (ALL_LOGINS & ~AUTH_BASIC_REQUIRE_TLS) | AUTH_EXCHANGE_SERVER, GROUP_EXCHANGE_USERS | SERVERS, internal},
    {"Client Proxy",            TRANSPORT_ROLE_HUB,      2465, ALL_LOGINS | AUTH_EXCHANGE_SERVER, GROUP_EXCHANGE_USERS | GROUP_EXCHANGE_SERVERS, client},
};
/* clang-format on */

static bool put(enum model_kind kind, void *object, struct model *model, const char *setting,
                struct slice value, struct text *error)
{
    const struct setting *row = setting_exact(model_kind_facts(kind)->settings, slice_of(setting));
    return setting_parse(row, object, model->arena, &value, 1, error);
}

static void stamp(void *object, const struct model_defaults *defaults)
{
    struct object *front = object;
    front->id = object_id_new(defaults->random, defaults->random_context);
    front->version = 0; /* never stored */
    front->created_ms = front->changed_ms = defaults->now_ms;
}

static bool append_bindings(struct text *text, const struct model_defaults *defaults, uint16_t port)
{
    if (defaults->bind_address_count == 0)
        return text_append_format(text, "0.0.0.0:%u,[::]:%u", (unsigned)port, (unsigned)port);
    for (size_t i = 0; i < defaults->bind_address_count; i++)
        if (!text_append_c(text, i ? "," : "") ||
            !ip_endpoint_append(text, (struct ip_endpoint){defaults->bind_addresses[i], port}))
            return false;
    return true;
}

static bool put_bindings(struct receive_connector *connector, struct model *model,
                         const struct model_defaults *defaults, uint16_t port, struct text *error)
{
    char storage[BINDINGS_MAX * 64];
    struct text bindings = text_over(storage, sizeof storage);
    unsigned shifted = (unsigned)port + defaults->port_offset;
    if (shifted > UINT16_MAX) {
        if (error)
            text_append_format(error, "PortOffset: port %u and %u make %u, which is no port.",
                               (unsigned)port, (unsigned)defaults->port_offset, shifted);
        return false;
    }
    return append_bindings(&bindings, defaults, (uint16_t)shifted) &&
           put(MODEL_RECEIVE_CONNECTOR, connector, model, "Bindings", text_slice(&bindings), error);
}

static bool put_name(struct receive_connector *connector, struct model *model, const char *prefix,
                     struct text *error)
{
    char storage[128];
    struct text name = text_over(storage, sizeof storage);
    struct slice server = model_server(model)->name;
    return text_append_format(&name, "%s %.*s", prefix, SLICE_ARG(server)) &&
           put(MODEL_RECEIVE_CONNECTOR, connector, model, "Name", text_slice(&name), error) &&
           put(MODEL_RECEIVE_CONNECTOR, connector, model, "Server", server, error);
}

static bool add_connector(struct model *model, const struct model_defaults *defaults,
                          const struct default_connector *row, struct text *error)
{
    struct receive_connector *connector = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
    if (!connector || !put_name(connector, model, row->prefix, error) ||
        !put_bindings(connector, model, defaults, row->port, error))
        return false;
    stamp(connector, defaults);
    connector->transport_role = row->role;
    connector->auth_mechanism = row->mechanisms;
    connector->permission_groups = row->groups;
    for (const struct value *value = row->values; value->setting; value++)
        if (!put(MODEL_RECEIVE_CONNECTOR, connector, model, value->setting, slice_of(value->value),
                 error))
            return false;
    return receive_connector_derive(connector, model, NULL, model->arena, error) &&
           model_add(model, MODEL_RECEIVE_CONNECTOR, connector);
}

static bool put_addresses(struct server *server, struct model *model,
                          const struct model_defaults *defaults, struct text *error)
{
    char storage[BINDINGS_MAX * 64];
    struct text addresses = text_over(storage, sizeof storage);
    for (size_t i = 0; i < defaults->bind_address_count; i++)
        if (!text_append_c(&addresses, i ? "," : "") ||
            !ip_append(&addresses, defaults->bind_addresses[i]))
            return false;
    return put(MODEL_SERVER, server, model, "BindAddresses", text_slice(&addresses), error);
}

static bool add_server(struct model *model, const struct model_defaults *defaults,
                       struct text *error)
{
    struct server *server = model_object_new(model, MODEL_SERVER);
    if (!server || !put(MODEL_SERVER, server, model, "Name", defaults->server_name, error) ||
        !put(MODEL_SERVER, server, model, "Fqdn", defaults->fqdn, error) ||
        !put_addresses(server, model, defaults, error))
        return false;
    stamp(server, defaults);
    server->port_offset = defaults->port_offset;
    return model_add(model, MODEL_SERVER, server);
}

/* The name behind the first dot of the server's. */
static struct slice domain_of(const struct model_defaults *defaults)
{
    struct slice rest = defaults->fqdn, host;
    if (defaults->domain.len)
        return defaults->domain;
    return slice_take_until(&rest, '.', &host) && rest.len ? rest : SLICE("localhost");
}

static bool add_domain(struct model *model, const struct model_defaults *defaults,
                       struct text *error)
{
    struct accepted_domain *domain = model_object_new(model, MODEL_ACCEPTED_DOMAIN);
    struct slice name = domain_of(defaults);
    if (!domain || !put(MODEL_ACCEPTED_DOMAIN, domain, model, "DomainName", name, error) ||
        !put(MODEL_ACCEPTED_DOMAIN, domain, model, "Name", slice_first(name, 64), error))
        return false;
    stamp(domain, defaults);
    domain->is_default = true;
    return model_add(model, MODEL_ACCEPTED_DOMAIN, domain);
}

static bool add_transport_config(struct model *model, const struct model_defaults *defaults)
{
    struct transport_config *config = model_object_new(model, MODEL_TRANSPORT_CONFIG);
    if (!config)
        return false;
    stamp(config, defaults);
    return model_add(model, MODEL_TRANSPORT_CONFIG, config);
}

bool model_create_defaults(struct model *model, const struct model_defaults *defaults,
                           struct text *error)
{
    if (defaults->bind_address_count > BINDINGS_MAX || !add_server(model, defaults, error) ||
        !add_domain(model, defaults, error) || !add_transport_config(model, defaults))
        return false;
    for (size_t i = 0; i < COUNT_OF(connectors); i++)
        if (!add_connector(model, defaults, &connectors[i], error))
            return false;
    return true;
}
