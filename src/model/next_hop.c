/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of a route: its key, what a key says, and what is shown of it. */
#include "mail/ascii_domain.h"
#include "model/mailbox_transport.h"
#include "model/routing.h"

static const struct slice to_mailbox = SLICE_INIT("mailbox");
static const struct slice to_nowhere = SLICE_INIT("unreachable");

/* What a key begins with. */
static const struct slice ways[][SENDER_TLS_KINDS] = {
    [ROUTE_DNS] = {SLICE_INIT("dns:"), SLICE_INIT("dns+tls-required:"),
                   SLICE_INIT("dns+tls-optional:")},
    [ROUTE_SMART_HOSTS] = {SLICE_INIT("hosts:"), SLICE_INIT("hosts+tls-required:"),
                           SLICE_INIT("hosts+tls-optional:")},
};

bool route_append_key(struct text *key, const struct route *route, struct slice domain,
                      enum sender_tls tls)
{
    char bytes[ASCII_DOMAIN_MAX];
    struct text storage = text_over(bytes, sizeof bytes);
    switch (route->kind) {
    case ROUTE_MAILBOX:
        return text_append(key, to_mailbox);
    case ROUTE_SMART_HOSTS:
        return text_append(key, ways[ROUTE_SMART_HOSTS][tls]) &&
               object_id_append(key, route->connector->id);
    case ROUTE_DNS:
        return text_append(key, ways[ROUTE_DNS][tls]) &&
               object_id_append(key, route->connector->id) && text_append_byte(key, ':') &&
               text_append_lower(key, domain_comparable(domain, &storage));
    case ROUTE_NOBODY:
    case ROUTE_UNREACHABLE:
    case ROUTE_TOO_LARGE:
        break;
    }
    return text_append(key, to_nowhere);
}

/* Behind the prefix: an id, and for DNS a domain. */
static bool read_way(struct slice rest, struct next_hop *hop)
{
    struct slice id = rest;
    if (hop->kind == ROUTE_SMART_HOSTS)
        return object_id_parse(id, &hop->connector);
    hop->domain = rest;
    return slice_take_until(&hop->domain, ':', &id) && object_id_parse(id, &hop->connector) &&
           hop->domain.len > 0;
}

struct next_hop next_hop_of_key(struct slice key)
{
    static const enum route_kind kinds[] = {ROUTE_DNS, ROUTE_SMART_HOSTS};
    if (slice_equal(key, to_mailbox))
        return (struct next_hop){.kind = ROUTE_MAILBOX};
    for (size_t i = 0; i < COUNT_OF(kinds) * SENDER_TLS_KINDS; i++) {
        struct slice rest = key;
        struct next_hop hop = {.kind = kinds[i / SENDER_TLS_KINDS],
                               .tls = (enum sender_tls)(i % SENDER_TLS_KINDS)};
        if (slice_take_prefix(&rest, ways[hop.kind][hop.tls]) && read_way(rest, &hop))
            return hop;
    }
    return (struct next_hop){.kind = ROUTE_UNREACHABLE};
}

bool next_hop_append_domain(struct text *text, const struct next_hop *hop,
                            const struct model *model)
{
    if (hop->kind == ROUTE_MAILBOX)
        return text_append(text, mailbox_transport_of(model));
    if (hop->kind != ROUTE_SMART_HOSTS)
        return text_append(text, hop->domain);
    const struct send_connector *connector =
        model_by_id(model, MODEL_SEND_CONNECTOR, hop->connector);
    for (size_t i = 0; connector && i < connector->smart_hosts.count; i++)
        if (!text_append_c(text, i ? "," : "") || !text_append(text, connector->smart_hosts.at[i]))
            return false;
    return true;
}
