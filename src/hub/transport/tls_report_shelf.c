/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tls_report_shelf.h"

#include <jansson.h>

enum { VERSION = 1, ADDRESS_BYTES = 64 };

/* --- write --- */

/* A row for what is alike. NULL where a text of a peer is no UTF-8: that row is lost. */
static json_t *row(const struct tls_domain_sum *domain, const struct tls_policy_sum *policy,
                   const struct tls_failure_sum *sum)
{
    char storage[ADDRESS_BYTES];
    struct text address = text_over(storage, sizeof storage);
    struct slice texts[] = {domain->domain, domain->report_to, policy->text, policy->hosts,
                            sum->host};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!texts[i].at)
            texts[i] = SLICE("");
    ip_append(&address, sum->address);
    return json_pack("[s%,s%,i,s%,s%,i,s%,s%,I]", texts[0].at, texts[0].len, texts[1].at,
                     texts[1].len, (int)policy->kind, texts[2].at, texts[2].len, texts[3].at,
                     texts[3].len, (int)sum->result, texts[4].at, texts[4].len, address.at,
                     address.len, (json_int_t)sum->count);
}

/* The failures that found no room come last: they find none again. */
static void append_policy(json_t *rows, const struct tls_domain_sum *domain,
                          const struct tls_policy_sum *policy)
{
    struct tls_failure_sum good = {.result = TLS_RESULT_SUCCESS, .count = policy->good};
    struct tls_failure_sum others = {.result = TLS_RESULT_VALIDATION, .count = policy->bad};
    if (good.count)
        json_array_append_new(rows, row(domain, policy, &good));
    for (size_t i = 0; i < policy->failure_count; i++) {
        json_array_append_new(rows, row(domain, policy, &policy->failures[i]));
        others.count -= policy->failures[i].count;
    }
    if (others.count)
        json_array_append_new(rows, row(domain, policy, &others));
}

static int on_dumped(const char *bytes, size_t len, void *context)
{
    return text_append(context, slice_bytes(bytes, len)) ? 0 : -1;
}

bool tls_report_shelf_write(const struct tls_results *results, int64_t since_ms, struct text *out)
{
    json_t *rows = json_array();
    const struct tls_domain_sum *domain = results->domains;
    for (; domain; domain = domain->next)
        for (size_t i = 0; i < domain->policy_count; i++)
            append_policy(rows, domain, &domain->policies[i]);
    json_t *json =
        json_pack("{s:i,s:I,s:I,s:o}", "version", VERSION, "since-ms", (json_int_t)since_ms,
                  "left-out", (json_int_t)results->left_out, "connections", rows);
    bool good = json && json_dump_callback(json, on_dumped, out, JSON_COMPACT) == 0;
    json_decref(json);
    return good;
}

/* --- read --- */

static void take_row(json_t *json, struct tls_results *results)
{
    struct tls_seen seen = {0};
    struct slice address = {0};
    int policy, result;
    json_int_t count;
    bool read =
        json_unpack(json, "[s%,s%,i,s%,s%,i,s%,s%,I!]", &seen.domain.at, &seen.domain.len,
                    &seen.report_to.at, &seen.report_to.len, &policy, &seen.policy_text.at,
                    &seen.policy_text.len, &seen.policy_hosts.at, &seen.policy_hosts.len, &result,
                    &seen.host.at, &seen.host.len, &address.at, &address.len, &count) == 0;
    if (!read || policy < 0 || policy >= TLS_POLICY_KINDS || result < 0 ||
        result >= TLS_RESULT_COUNT || count <= 0 || !ip_parse(address, &seen.address))
        return;
    seen.policy = (enum tls_policy_kind)policy;
    seen.result = (enum tls_result)result;
    tls_results_add(results, &seen, (uint64_t)count);
}

bool tls_report_shelf_read(struct slice written, struct tls_results *results, int64_t *out_since_ms)
{
    int version = 0;
    json_int_t since_ms, left_out;
    json_t *json = json_loadb(written.at, written.len, 0, NULL), *rows = NULL, *one;
    size_t index;
    bool good = json &&
                json_unpack(json, "{s:i,s:I,s:I,s:o}", "version", &version, "since-ms", &since_ms,
                            "left-out", &left_out, "connections", &rows) == 0 &&
                version == VERSION && left_out >= 0;
    if (good) {
        json_array_foreach(rows, index, one) take_row(one, results);
        results->left_out += (uint64_t)left_out;
        *out_since_ms = since_ms;
    }
    json_decref(json);
    return good;
}
