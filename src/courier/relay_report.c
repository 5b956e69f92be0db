/* SPDX-License-Identifier: Apache-2.0 */
/* How the connections of a relay fared with TLS, for the domain that wants to be told (RFC 8460):
 * kept until the relay ends, then said to the hub. */
#include "courier/relay_state.h"

#include "base/hex.h"
#include "model/tls_report.h"

enum { RECORD_LIMIT_MS = 20000, TEXTS_MAX = 1 << 16, RECORD_NAME_MAX = 300 };

/* --- whom to tell --- */

static void on_record(void *context, const struct dns_result *result)
{
    struct relay *relay = context;
    struct relay_report *report = &relay->report;
    struct slice texts[DNS_RECORDS_MAX];
    size_t count = result->outcome == DNS_FOUND ? result->answer.count : 0;
    struct tls_report_record record;
    char storage[WIRE_REPORT_TO_MAX];
    struct text joined = text_over(storage, sizeof storage);
    for (size_t i = 0; i < count; i++)
        texts[i] = result->answer.records[i].data;
    if (tls_report_record_read(texts, count, &record) != TAG_LIST_OK)
        return;
    for (size_t i = 0; i < record.count; i++) {
        text_append_c(&joined, i ? "," : "");
        text_append(&joined, record.addresses[i]);
    }
    if (joined.truncated || !arena_copy(&report->arena, text_slice(&joined), &report->to))
        report->to = (struct slice){0};
}

/* Nobody waits for the answer: when it has not come by the end, nothing is said. */
void relay_report_begin(struct relay *relay, struct slice domain)
{
    char storage[RECORD_NAME_MAX];
    struct text name = text_over(storage, sizeof storage);
    struct relay_report *report = &relay->report;
    if (relay->order.inspects)
        return; /* it is no mail */
    report->arena = arena_with_ceiling(TEXTS_MAX);
    text_append_c(&name, "_smtp._tls.");
    text_append(&name, domain);
    report->asked = arena_copy(&report->arena, domain, &report->domain) &&
                    dns_query_start(&report->query, relay->all->resolver, text_slice(&name),
                                    DNS_TXT, RECORD_LIMIT_MS, on_record, relay) == 0;
}

/* --- what is told --- */

static void append_records(struct text *text, const struct relay_trust *trust)
{
    for (size_t i = 0; i < trust->record_count; i++) {
        const struct dane_record *record = &trust->records[i];
        text_append_format(text, "%s%u %u %u ", i ? "\n" : "", record->usage, record->selector,
                           record->matching);
        hex_append_upper(text, record->data);
    }
}

static void append_hosts(struct text *text, const struct sts_policy *policy)
{
    for (size_t i = 0; i < policy->mx_count; i++) {
        text_append_c(text, i ? "\n" : "");
        text_append(text, policy->mx[i]);
    }
}

static void append_lines(struct text *text, struct slice written)
{
    for (struct slice line; slice_take_field(&written, '\n', &line);) {
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (!line.len)
            continue;
        text_append_c(text, text->len ? "\n" : "");
        text_append_escaped(text, line, WIRE_DOMAIN_MAX);
    }
}

/* The policy in force with the host that is tried. */
static void describe_policy(const struct relay *relay, struct relay_result *result,
                            struct text *text, struct text *hosts)
{
    const struct relay_trust *trust = &relay->trust;
    bool dnssec = result->result == TLS_RESULT_DNSSEC_INVALID;
    if (trust->dane || dnssec) {
        result->policy = TLS_POLICY_TLSA;
        append_records(text, trust);
    } else if (trust->sts && trust->sts->policy.mode != STS_MODE_NONE) {
        result->policy = TLS_POLICY_STS;
        append_lines(text, text_slice(&trust->sts->written));
        append_hosts(hosts, &trust->sts->policy);
    }
}

static void add(struct relay *relay, const struct relay_host *host, struct relay_result result)
{
    struct relay_report *report = &relay->report;
    char text_bytes[WIRE_POLICY_MAX], host_bytes[WIRE_POLICY_MAX];
    struct text text = text_over(text_bytes, sizeof text_bytes);
    struct text hosts = text_over(host_bytes, sizeof host_bytes);
    if (!report->asked || report->count == RELAY_RESULTS_MAX)
        return;
    if (host) {
        describe_policy(relay, &result, &text, &hosts);
        result.host = host->name; /* it lives as long as the relay */
        result.address = host->endpoint.address;
    }
    if (arena_copy(&report->arena, text_slice(&text), &result.policy_text) &&
        arena_copy(&report->arena, text_slice(&hosts), &result.policy_hosts))
        report->results[report->count++] = result;
}

void relay_report_note(struct relay *relay, enum tls_result result)
{
    add(relay, relay_here(relay), (struct relay_result){.result = result});
}

void relay_report_policy(struct relay *relay, enum sts_failure failure)
{
    static const enum tls_result results[] = {
        [STS_FAILURE_NONE] = TLS_RESULT_SUCCESS,
        [STS_FAILURE_FETCH] = TLS_RESULT_STS_FETCH,
        [STS_FAILURE_INVALID] = TLS_RESULT_STS_INVALID,
        [STS_FAILURE_NOT_TRUSTED] = TLS_RESULT_STS_WEBPKI,
    };
    if (failure != STS_FAILURE_NONE)
        add(relay, NULL,
            (struct relay_result){.policy = TLS_POLICY_STS, .result = results[failure]});
}

/* What a verdict on a certificate is called in a report. */
enum tls_result relay_report_result(enum host_verdict verdict, const struct verdict *chain)
{
    static const enum tls_result results[] = {
        [HOST_MAY_RECEIVE] = TLS_RESULT_SUCCESS,   [HOST_IN_CLEAR] = TLS_RESULT_NO_STARTTLS,
        [HOST_NOT_SHOWN] = TLS_RESULT_NOT_TRUSTED, [HOST_NOT_VALID] = TLS_RESULT_NOT_TRUSTED,
        [HOST_OTHER] = TLS_RESULT_HOST_MISMATCH,   [HOST_NOT_DANE] = TLS_RESULT_VALIDATION,
        [HOST_NOT_NAMED] = TLS_RESULT_VALIDATION,  [HOST_NOT_VOUCHED] = TLS_RESULT_VALIDATION,
    };
    _Static_assert(COUNT_OF(results) == HOST_VERDICTS, "each verdict has its result");
    if (verdict == HOST_NOT_VALID && verdict_has(chain, VERIFY_EXPIRED))
        return TLS_RESULT_EXPIRED;
    return results[verdict];
}

/* --- the end --- */

static void send_one(const struct relay *relay, const struct relay_result *result)
{
    const struct relay_report *report = &relay->report;
    struct wire_tls_result said = {.domain = report->domain,
                                   .report_to = report->to,
                                   .policy = result->policy,
                                   .policy_text = result->policy_text,
                                   .policy_hosts = result->policy_hosts,
                                   .result = result->result,
                                   .host = result->host,
                                   .address = result->address};
    channel_send(relay->all->hub, WIRE_TLS_RESULT, &said, -1);
}

void relay_report_send(struct relay *relay)
{
    for (size_t i = 0; relay->report.to.len && i < relay->report.count; i++)
        send_one(relay, &relay->report.results[i]);
    relay->report.count = 0;
}

void relay_report_end(struct relay *relay)
{
    dns_query_cancel(&relay->report.query);
    arena_deinit(&relay->report.arena);
    relay->report = (struct relay_report){0};
}
