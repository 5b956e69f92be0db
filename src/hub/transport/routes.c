/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/routes.h"

#include "hub/transport/address_book.h"
#include "mail/address.h"
#include "model/routing_index.h"

static struct slice domain_of(const struct hub *hub, struct slice address)
{
    static const struct address_options any = {
        .utf8 = true, .long_addresses = true, .unqualified = true};
    struct address parsed;
    if (address_parse(address, &any, &parsed) != ADDRESS_OK)
        return (struct slice){0};
    const struct accepted_domain *ours = accepted_domain_default(hub->model);
    return parsed.domain.len || !ours ? parsed.domain : ours->domain_name;
}

struct route routes_choose(struct hub *hub, struct slice address, uint64_t size_bytes,
                           enum sender_tls way, struct text *key)
{
    struct route route = {.kind = ROUTE_UNREACHABLE};
    if (hub->model && !hub->routes)
        hub->routes = routing_index_new(hub->model);
    struct slice domain = hub->model ? domain_of(hub, address) : (struct slice){0};
    struct recipient who = address_book_find(hub, address);
    struct route_question question = {.domain = domain,
                                      .size_bytes = (int64_t)size_bytes,
                                      .is_mailbox = who.mailbox || who.group};
    if (hub->routes)
        route = routing_index_choose(hub->routes, &question);
    route_append_key(key, &route, domain, way);
    return route;
}

void routes_forget(struct hub *hub)
{
    routing_index_free(hub->routes);
    hub->routes = NULL;
}
