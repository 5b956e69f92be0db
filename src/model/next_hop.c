/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of a route: its key, what a key says, and what is shown of it. */
#include "mail/ascii_domain.h"
#include "model/mailbox_transport.h"
#include "model/routing.h"

static const struct slice to_mailbox = SLICE_INIT("mailbox");
static const struct slice to_nowhere = SLICE_INIT("unreachable");
static const struct slice by_dns = SLICE_INIT("dns:");
static const struct slice by_hosts = SLICE_INIT("hosts:");

bool route_append_key(struct text *key, const struct route *route, struct slice domain)
{
    char bytes[ASCII_DOMAIN_MAX];
    struct text storage = text_over(bytes, sizeof bytes);
    switch (route->kind) {
    case ROUTE_MAILBOX:
        return text_append(key, to_mailbox);
    case ROUTE_SMART_HOSTS:
        return text_append(key, by_hosts) && object_id_append(key, route->connector->id);
    case ROUTE_DNS:
        return text_append(key, by_dns) && object_id_append(key, route->connector->id) &&
               text_append_byte(key, ':') &&
               text_append_lower(key, domain_comparable(domain, &storage));
    case ROUTE_NOBODY:
    case ROUTE_UNREACHABLE:
    case ROUTE_TOO_LARGE:
        break;
    }
    return text_append(key, to_nowhere);
}

struct next_hop next_hop_of_key(struct slice key)
{
    struct next_hop hop = {.kind = ROUTE_UNREACHABLE};
    struct slice id = key;
    if (slice_equal(key, to_mailbox))
        hop.kind = ROUTE_MAILBOX;
    else if (slice_take_prefix(&id, by_hosts) && object_id_parse(id, &hop.connector))
        hop.kind = ROUTE_SMART_HOSTS;
    else if (slice_take_prefix(&key, by_dns) && slice_take_until(&key, ':', &id) &&
             object_id_parse(id, &hop.connector) && key.len)
        hop = (struct next_hop){ROUTE_DNS, hop.connector, key};
    return hop;
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
