/* SPDX-License-Identifier: Apache-2.0 */
#include "model/routing.h"

#include "mail/ascii_domain.h"

static bool is_all(struct slice space)
{
    return slice_equal(space, SLICE("*"));
}

static bool is_accepted(struct slice space)
{
    return slice_equal(space, SLICE("--"));
}

/* The domain itself, and of *.domain the domain too, unlike an accepted domain. */
static bool space_holds(struct slice space, struct slice domain,
                        const struct accepted_domain *accepted)
{
    if (is_all(space))
        return true;
    if (is_accepted(space))
        return accepted != NULL;
    struct slice top = space;
    return domain_pattern_holds(space, domain) ||
           (slice_take_prefix(&top, SLICE("*.")) && domain_pattern_holds(top, domain));
}

/* Twice the length of what must be equal, and one more when nothing else may stand in front. */
size_t route_specific(struct slice pattern)
{
    char bytes[ASCII_DOMAIN_MAX];
    struct text storage = text_over(bytes, sizeof bytes);
    if (is_all(pattern))
        return 0;
    bool below = slice_take_prefix(&pattern, SLICE("*."));
    return 2 * domain_comparable(pattern, &storage).len + !below;
}

static size_t specific(struct slice space, const struct accepted_domain *accepted)
{
    return route_specific(is_accepted(space) && accepted ? accepted->domain_name : space);
}

bool route_goes_before(const struct route_candidate *a, const struct route_candidate *b)
{
    if (a->specific != b->specific)
        return a->specific > b->specific;
    if (a->space.cost != b->space.cost)
        return a->space.cost < b->space.cost;
    int order = slice_compare_nocase(a->connector->name, b->connector->name);
    return order ? order < 0 : object_id_compare(a->connector->id, b->connector->id) < 0;
}

/* Of two spaces of one connector that are as specific (-- and a domain's own name) the cheaper. */
static void find_space(struct route_candidate *candidate, struct slice domain,
                       const struct accepted_domain *accepted)
{
    struct address_space_list list = candidate->connector->address_spaces;
    for (size_t i = 0; i < list.count; i++) {
        struct route_candidate other = *candidate;
        if (!space_holds(list.at[i].space, domain, accepted))
            continue;
        other.has_space = true;
        other.space = list.at[i];
        other.specific = specific(list.at[i].space, accepted);
        if (!candidate->has_space || route_goes_before(&other, candidate))
            *candidate = other;
    }
}

static enum route_reason fitness(const struct route_candidate *candidate, int64_t size_bytes)
{
    if (!candidate->has_space)
        return ROUTE_SPACE_DIFFERS;
    if (!candidate->connector->enabled)
        return ROUTE_DISABLED;
    return size_bytes > candidate->connector->max_message_bytes ? ROUTE_TOO_SMALL : ROUTE_CHOSEN;
}

static enum route_reason compare(const struct route_candidate *candidate,
                                 const struct route_candidate *best)
{
    if (candidate->connector == best->connector)
        return ROUTE_CHOSEN;
    if (candidate->specific < best->specific)
        return ROUTE_LESS_SPECIFIC;
    return candidate->space.cost > best->space.cost ? ROUTE_COSTS_MORE : ROUTE_NAME_LATER;
}

bool route_is_here(const struct accepted_domain *accepted, const struct route_question *question,
                   struct route *out_route)
{
    *out_route = (struct route){.kind = ROUTE_MAILBOX, .accepted = accepted};
    if (question->is_mailbox)
        return true;
    out_route->kind = ROUTE_NOBODY;
    return accepted && accepted->domain_type == DOMAIN_AUTHORITATIVE;
}

struct route route_through(const struct accepted_domain *accepted,
                           const struct route_candidate *candidate)
{
    bool dns = candidate->connector->dns_routing_enabled;
    return (struct route){.kind = dns ? ROUTE_DNS : ROUTE_SMART_HOSTS,
                          .accepted = accepted,
                          .connector = candidate->connector,
                          .space = candidate->space};
}

/* Rows that fit are left as CHOSEN: each is compared with the best when that is known. */
static struct route choose(const struct model *model, const struct route_question *question,
                           const struct accepted_domain *accepted, struct route_candidate *out,
                           size_t capacity, struct route_candidate *out_best)
{
    struct route route = {.kind = ROUTE_UNREACHABLE, .accepted = accepted};
    *out_best = (struct route_candidate){0};
    for (size_t i = 0; i < model_count(model, MODEL_SEND_CONNECTOR); i++) {
        struct route_candidate candidate = {.connector = model_send_connector(model, i)};
        find_space(&candidate, question->domain, accepted);
        candidate.reason = fitness(&candidate, question->size_bytes);
        if (i < capacity)
            out[i] = candidate;
        if (candidate.reason == ROUTE_TOO_SMALL)
            route.kind = ROUTE_TOO_LARGE;
        if (candidate.reason == ROUTE_CHOSEN &&
            (!out_best->connector || route_goes_before(&candidate, out_best)))
            *out_best = candidate;
    }
    return out_best->connector ? route_through(accepted, out_best) : route;
}

size_t route_explain(const struct model *model, const struct route_question *question,
                     struct route_candidate *out_candidates, size_t capacity,
                     struct route *out_route)
{
    const struct accepted_domain *accepted = accepted_domain_of(model, question->domain);
    struct route_candidate best;
    if (route_is_here(accepted, question, out_route))
        return 0;
    *out_route = choose(model, question, accepted, out_candidates, capacity, &best);
    size_t count = model_count(model, MODEL_SEND_CONNECTOR);
    for (size_t i = 0; i < count && i < capacity; i++)
        if (out_candidates[i].reason == ROUTE_CHOSEN)
            out_candidates[i].reason = compare(&out_candidates[i], &best);
    return count;
}

struct route route_choose(const struct model *model, const struct route_question *question)
{
    struct route route;
    route_explain(model, question, NULL, 0, &route);
    return route;
}

/* --- in words --- */

const char *route_kind_code(enum route_kind kind)
{
    static const char *const codes[] = {
        [ROUTE_MAILBOX] = "SmtpDeliveryToMailbox",
        [ROUTE_NOBODY] = "Unreachable",
        [ROUTE_DNS] = "DnsConnectorDelivery",
        [ROUTE_SMART_HOSTS] = "SmartHostConnectorDelivery",
        [ROUTE_UNREACHABLE] = "Unreachable",
        [ROUTE_TOO_LARGE] = "Unreachable",
    };
    return codes[kind];
}

static const struct {
    const char *code, *text;
} reasons[] = {
    [ROUTE_CHOSEN] = {"CHOSEN", "has the most specific, cheapest address space for the domain"},
    [ROUTE_NAME_LATER] = {"NAME_LATER", "is as specific and as cheap, but its name comes later"},
    [ROUTE_COSTS_MORE] = {"COSTS_MORE", "is as specific, but costs more"},
    [ROUTE_LESS_SPECIFIC] = {"LESS_SPECIFIC",
                             "holds the domain, but another connector is more specific"},
    [ROUTE_TOO_SMALL] = {"TOO_SMALL", "takes only smaller messages"},
    [ROUTE_DISABLED] = {"DISABLED", "is disabled"},
    [ROUTE_SPACE_DIFFERS] = {"SPACE_DIFFERS", "no address space of it holds the domain"},
};

const char *route_reason_code(enum route_reason reason)
{
    return reasons[reason].code;
}

bool route_reason_text(const struct route_candidate *candidate, struct text *text)
{
    if (!text_append_c(text, reasons[candidate->reason].text))
        return false;
    return !candidate->has_space ||
           text_append_format(text, " (%.*s;%u)", SLICE_ARG(candidate->space.space),
                              candidate->space.cost);
}
