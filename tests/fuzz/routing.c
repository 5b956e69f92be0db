/* SPDX-License-Identifier: Apache-2.0 */
/* A model and questions as lines: "A domain" and "R domain" are accepted domains (ours, passed on),
 * "C spaces" and "S spaces" send connectors (the latter for small messages), every other line is a
 * domain to ask about. The index must answer as the search does, and every key must be readable. */
#include "fuzz.h"
#include "mail/address.h"
#include "model/routing_index.h"

#include <stdlib.h>

enum { OBJECTS_MAX = 64, SMALL = 65536 };

static bool set(struct model *model, enum model_kind kind, void *object, const char *setting,
                struct slice value)
{
    return setting_parse(setting_exact(model_kind_facts(kind)->settings, slice_of(setting)), object,
                         model->arena, &value, 1, NULL);
}

static void add_domain(struct model *model, struct slice domain, const char *type)
{
    struct accepted_domain *accepted = model_object_new(model, MODEL_ACCEPTED_DOMAIN);
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
        if (domain_pattern_same(model_accepted_domain(model, i)->domain_name, domain))
            return; /* the rules keep them apart */
    if (!set(model, MODEL_ACCEPTED_DOMAIN, accepted, "DomainName", domain) ||
        !set(model, MODEL_ACCEPTED_DOMAIN, accepted, "DomainType", slice_of(type)) ||
        !model_add(model, MODEL_ACCEPTED_DOMAIN, accepted))
        return;
}

static void add_connector(struct model *model, struct slice spaces, int64_t max_bytes)
{
    struct send_connector *connector = model_object_new(model, MODEL_SEND_CONNECTOR);
    connector->max_message_bytes = max_bytes;
    connector->id.bytes[0] = (uint8_t)model_count(model, MODEL_SEND_CONNECTOR);
    if (!set(model, MODEL_SEND_CONNECTOR, connector, "AddressSpaces", spaces) ||
        !model_add(model, MODEL_SEND_CONNECTOR, connector))
        return;
}

static void check_key(const struct route *route, struct slice domain, enum sender_tls tls)
{
    char storage[512];
    struct text key = text_over(storage, sizeof storage);
    if (!route_append_key(&key, route, domain, tls))
        abort();
    bool leaves = route->kind == ROUTE_SMART_HOSTS || route->kind == ROUTE_DNS;
    struct next_hop hop = next_hop_of_key(text_slice(&key));
    if (leaves && (hop.kind != route->kind || hop.tls != tls ||
                   !object_id_equal(hop.connector, route->connector->id)))
        abort();
}

static void ask(const struct model *model, const struct routing_index *index, struct slice domain)
{
    if (!address_domain_valid(domain, true) && !address_literal_valid(domain))
        return; /* no address holds it */
    for (int64_t size = 0; size <= 2 * SMALL; size += SMALL) {
        struct route_question question = {.domain = domain, .size_bytes = size};
        struct route slow = route_choose(model, &question);
        struct route quick = routing_index_choose(index, &question);
        if (slow.kind != quick.kind || slow.connector != quick.connector ||
            slow.accepted != quick.accepted || slow.space.cost != quick.space.cost)
            abort();
        for (int tls = 0; tls < SENDER_TLS_KINDS; tls++)
            check_key(&slow, domain, (enum sender_tls)tls);
    }
}

static void build(struct model *model, struct slice input)
{
    struct slice line;
    for (size_t count = 0; count < OBJECTS_MAX && slice_take_field(&input, '\n', &line); count++) {
        if (slice_take_prefix(&line, SLICE("A ")))
            add_domain(model, line, "Authoritative");
        else if (slice_take_prefix(&line, SLICE("R ")))
            add_domain(model, line, "InternalRelay");
        else if (slice_take_prefix(&line, SLICE("C ")))
            add_connector(model, line, INT64_MAX);
        else if (slice_take_prefix(&line, SLICE("S ")))
            add_connector(model, line, SMALL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_bytes(data, size), line;
    struct model *model = model_new();
    build(model, input);
    struct routing_index *index = routing_index_new(model);
    for (size_t count = 0; count < OBJECTS_MAX && slice_take_field(&input, '\n', &line); count++)
        ask(model, index, line);
    routing_index_free(index);
    model_free(model);
    return 0;
}
