/* SPDX-License-Identifier: Apache-2.0 */
#include "model/connector_choice.h"

static bool binding_fits(struct ip_endpoint binding, struct ip_endpoint local)
{
    if (binding.port != local.port)
        return false;
    return ip_equal(binding.address, local.address) ||
           (ip_is_any(binding.address) && ip_is_v4(binding.address) == ip_is_v4(local.address));
}

/* The binding that fits, one with the exact address before 0.0.0.0 or [::]. */
static bool find_binding(const struct receive_connector *connector, struct ip_endpoint local,
                         struct ip_endpoint *out_binding)
{
    bool found = false;
    for (size_t i = 0; i < connector->bindings.count; i++) {
        struct ip_endpoint binding = connector->bindings.at[i];
        if (!binding_fits(binding, local) || (found && ip_is_any(binding.address)))
            continue;
        *out_binding = binding;
        found = true;
    }
    return found;
}

static bool find_range(const struct receive_connector *connector, struct ip_address client,
                       struct ip_range *out_range)
{
    bool found = false;
    for (size_t i = 0; i < connector->remote_ip_ranges.count; i++) {
        struct ip_range range = connector->remote_ip_ranges.at[i];
        if (!ip_range_holds(range, client) ||
            (found && ip_range_compare_size(range, *out_range) >= 0))
            continue;
        *out_range = range;
        found = true;
    }
    return found;
}

/* What can be said of one connector without looking at the others; LESS_SPECIFIC means: a
 * candidate. */
static struct connector_candidate judge(const struct receive_connector *connector,
                                        struct ip_endpoint local, struct ip_address client)
{
    struct connector_candidate row = {.connector = connector, .reason = CONNECTOR_BINDING_DIFFERS};
    if (!find_binding(connector, local, &row.binding))
        return row;
    row.has_range = find_range(connector, client, &row.range);
    row.reason = !connector->enabled ? CONNECTOR_DISABLED
                 : row.has_range     ? CONNECTOR_LESS_SPECIFIC
                                     : CONNECTOR_RANGE_EXCLUDES;
    return row;
}

bool connector_goes_before(const struct connector_candidate *a, const struct connector_candidate *b)
{
    int order = ip_range_compare_size(a->range, b->range);
    if (order)
        return order < 0;
    bool a_any = ip_is_any(a->binding.address), b_any = ip_is_any(b->binding.address);
    if (a_any != b_any)
        return b_any;
    order = slice_compare_nocase(a->connector->name, b->connector->name);
    return order ? order < 0 : object_id_compare(a->connector->id, b->connector->id) < 0;
}

static void choose(const struct model *model, struct ip_endpoint local, struct ip_address client,
                   struct connector_candidate *rows, size_t capacity,
                   struct connector_candidate *out_best)
{
    *out_best = (struct connector_candidate){0};
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++) {
        struct connector_candidate row = judge(model_receive_connector(model, i), local, client);
        if (i < capacity)
            rows[i] = row;
        if (row.reason == CONNECTOR_LESS_SPECIFIC &&
            (!out_best->connector || connector_goes_before(&row, out_best)))
            *out_best = row;
    }
}

const struct receive_connector *connector_choose(const struct model *model,
                                                 struct ip_endpoint local, struct ip_address client)
{
    struct connector_candidate best;
    choose(model, local, client, NULL, 0, &best);
    return best.connector;
}

bool connector_trusts_proxy(const struct receive_connector *connector, struct ip_address address)
{
    for (size_t i = 0; i < connector->proxy_protocol_ranges.count; i++)
        if (ip_range_holds(connector->proxy_protocol_ranges.at[i], address))
            return true;
    return false;
}

size_t connector_explain(const struct model *model, struct ip_endpoint local,
                         struct ip_address client, struct connector_candidate *out_candidates,
                         size_t capacity, const struct receive_connector **out_chosen)
{
    struct connector_candidate best;
    size_t count = model_count(model, MODEL_RECEIVE_CONNECTOR);
    choose(model, local, client, out_candidates, capacity, &best);
    for (size_t i = 0; best.connector && i < count && i < capacity; i++)
        if (out_candidates[i].connector == best.connector)
            out_candidates[i].reason = CONNECTOR_CHOSEN;
    *out_chosen = best.connector;
    return count;
}

static const struct {
    const char *code, *text;
} reasons[] = {
    [CONNECTOR_CHOSEN] = {"CHOSEN", "has the smallest range that holds the client"},
    [CONNECTOR_LESS_SPECIFIC] = {"LESS_SPECIFIC",
                                 "holds the client, but another connector is more specific"},
    [CONNECTOR_RANGE_EXCLUDES] = {"RANGE_EXCLUDES", "no range in RemoteIPRanges holds the client"},
    [CONNECTOR_DISABLED] = {"DISABLED", "is disabled"},
    [CONNECTOR_BINDING_DIFFERS] = {"BINDING_DIFFERS", "does not listen on this address and port"},
};

const char *connector_reason_code(enum connector_reason reason)
{
    return reasons[reason].code;
}

bool connector_reason_text(const struct connector_candidate *candidate, struct text *text)
{
    if (!text_append_c(text, reasons[candidate->reason].text))
        return false;
    if (!candidate->has_range)
        return true;
    return text_append_c(text, " (") && ip_range_append(text, candidate->range) &&
           text_append_byte(text, ')');
}
