/* SPDX-License-Identifier: Apache-2.0 */
/* How well a server must be proven before it is given mail, and whether it is: what the connector,
 * DANE and MTA-STS demand (model/host_trust), and what the handshake has shown. */
#include "courier/relay_state.h"

#include "courier/sts_policies.h"
#include "os/clock.h"
#include "tls/certificate_facts.h"

enum {
    TLSA_LIMIT_MS = 20000,
    TLSA_BYTES_MAX = 1 << 18,
    TLSA_NAME_MAX = 300,
    FACTS_BYTES_MAX = 1 << 19,
    REASON_MAX = 1024,
};

/* --- TLSA records --- */

static void forget_records(struct relay_trust *trust)
{
    arena_deinit(&trust->arena);
    trust->arena = arena_with_ceiling(TLSA_BYTES_MAX);
    trust->host = trust->base = (struct slice){0};
    trust->records = NULL;
    trust->record_count = 0;
    trust->dane = trust->known = false;
    trust->failure = DNS_FOUND;
}

static bool take_records(struct relay_trust *trust, const struct dns_answer *answer)
{
    size_t count = answer->count < DANE_RECORDS_MAX ? answer->count : (size_t)DANE_RECORDS_MAX;
    struct dane_record *records = arena_take_array(&trust->arena, count, sizeof *records);
    for (size_t i = 0; records && i < count; i++) {
        const struct dns_record *from = &answer->records[i];
        records[i] = (struct dane_record){from->usage, from->selector, from->matching, {0}};
        if (!arena_copy(&trust->arena, from->data, &records[i].data))
            return false;
    }
    trust->records = records;
    trust->record_count = count;
    trust->dane = records != NULL;
    return trust->dane;
}

static void keep_failure(struct relay_trust *trust, enum dns_outcome failure, struct slice why)
{
    trust->failure = failure;
    if (!arena_copy(&trust->arena, why, &trust->why))
        trust->why = SLICE("no memory");
}

static bool ask(struct relay *relay, struct slice base);

static void on_records(void *context, const struct dns_result *result)
{
    struct relay *relay = context;
    struct relay_trust *trust = &relay->trust;
    bool missing = result->outcome == DNS_NO_DATA || result->outcome == DNS_NO_NAME;
    bool of_alias = !slice_equal_nocase(trust->base, trust->host);
    if (missing && of_alias && ask(relay, trust->host)) /* RFC 7672 2.2.3 */
        return;
    trust->known = true;
    if (result->outcome == DNS_FOUND && result->secure && !take_records(trust, &result->answer))
        keep_failure(trust, DNS_FAILED, SLICE("no memory"));
    else if (result->outcome >= DNS_FAILED)
        keep_failure(trust, result->outcome, result->why);
    relay_dial(relay);
}

/* False: no answer will come, and `trust` says what is known without one. */
static bool ask(struct relay *relay, struct slice base)
{
    struct relay_trust *trust = &relay->trust;
    char storage[TLSA_NAME_MAX];
    struct text name = text_over(storage, sizeof storage);
    text_append_format(&name, "_%u._tcp.", (unsigned)relay->order.port);
    text_append(&name, base);
    trust->base = base;
    int result = dns_query_start(&trust->query, relay->all->resolver, text_slice(&name), DNS_TLSA,
                                 TLSA_LIMIT_MS, on_records, relay);
    if (result == 0)
        return true;
    trust->known = true;
    if (result != -EINVAL) /* else there can be no such name */
        keep_failure(trust, DNS_FAILED, SLICE("no question can be asked now"));
    return false;
}

/* --- before a host is dialled --- */

/* A connector that never uses TLS is the administrator's word, and the last one. */
static bool uses_tls(const struct relay *relay)
{
    return relay->order.tls != SEND_TLS_NONE && !relay->order.force_helo;
}

/* RFC 8689 4.2.2: what the domain demands of its hosts is not looked at. */
static bool ignores_domain(const struct relay *relay)
{
    return relay->order.sender_tls == SENDER_TLS_OPTIONAL;
}

bool relay_trust_asks_policy(const struct relay *relay)
{
    return uses_tls(relay) && relay->all->policies && !ignores_domain(relay);
}

static enum host_level level_of(const struct wire_relay *order)
{
    if (order->tls_level)
        return (enum host_level)order->tls_level;
    return order->tls == SEND_TLS_REQUIRED ? HOST_LEVEL_ENCRYPTION : HOST_LEVEL_NONE;
}

static struct host_demands demands_of(const struct relay *relay)
{
    const struct wire_relay *order = &relay->order;
    const struct relay_trust *trust = &relay->trust;
    return (struct host_demands){.level = level_of(order),
                                 .domain =
                                     order->tls_domain.len ? order->tls_domain : order->domain,
                                 .dane = trust->dane,
                                 .sts = trust->sts ? &trust->sts->policy : NULL,
                                 .sender = order->sender_tls == SENDER_TLS_REQUIRED};
}

enum send_tls relay_trust_tls(const struct relay *relay)
{
    struct host_demands demands = demands_of(relay);
    if (!uses_tls(relay))
        return (enum send_tls)relay->order.tls;
    return host_needs_tls(&demands) ? SEND_TLS_REQUIRED : (enum send_tls)relay->order.tls;
}

/* RFC 7672 2.2: whoever can hold back the records must not thereby have mail sent without them. */
static void note_failure(struct relay *relay)
{
    const struct relay_trust *trust = &relay->trust;
    char storage[REASON_MAX];
    struct text words = text_over(storage, sizeof storage);
    text_append_c(&words, trust->failure == DNS_BOGUS ? "451 4.7.5 the TLSA records of "
                                                      : "451 4.4.3 the TLSA records of ");
    text_append_escaped(&words, trust->base, WIRE_DOMAIN_MAX);
    text_append_c(&words, trust->failure == DNS_BOGUS ? " are not what the domain has signed: "
                                                      : " cannot be looked up: ");
    text_append_escaped(&words, trust->why, WIRE_DOMAIN_MAX);
    relay_note(relay, text_slice(&words));
}

/* Whether the host is one that the domain's policy names; noted when it is not. */
static bool is_named(struct relay *relay, const struct relay_host *host)
{
    struct host_demands demands = demands_of(relay);
    struct host_shown shown = {.host = host->name};
    struct host_answer answer = {HOST_NOT_NAMED, HOST_DEMAND_STS, HOST_MAY_RECEIVE};
    char storage[REASON_MAX];
    struct text words = text_over(storage, sizeof storage);
    if (demands.dane || !demands.sts || demands.sts->mode != STS_MODE_ENFORCE ||
        sts_policy_allows(demands.sts, host->name))
        return true;
    host_answer_explain(&answer, &demands, &shown, &words);
    relay_note(relay, text_slice(&words));
    return false;
}

enum relay_trust_step relay_trust_prepare(struct relay *relay, const struct relay_host *host)
{
    struct relay_trust *trust = &relay->trust;
    if (!uses_tls(relay) || ignores_domain(relay))
        return RELAY_TRUST_READY;
    if (!trust->known || !slice_equal_nocase(trust->host, host->name)) {
        forget_records(trust);
        trust->host = host->name;
        trust->known = !host->secure;
        if (host->secure && ask(relay, host->canonical_name))
            return RELAY_TRUST_WAITS;
    }
    if (trust->failure != DNS_FOUND) {
        note_failure(relay);
        relay_report_note(relay, TLS_RESULT_DNSSEC_INVALID);
        return RELAY_TRUST_REFUSES;
    }
    if (is_named(relay, host))
        return RELAY_TRUST_READY;
    relay_report_note(relay, TLS_RESULT_VALIDATION);
    return RELAY_TRUST_REFUSES;
}

/* --- behind the handshake --- */

/* RFC 7672 8.1: the name under which the TLSA records are is the one to ask for. */
struct slice relay_trust_server_name(const struct relay *relay)
{
    return relay->trust.dane ? relay->trust.base : relay_here(relay)->name;
}

static void judge_chain(struct relay *relay, struct host_shown *shown, struct verdict *verdict)
{
    tls_context_set_trust(relay_tls_context(relay), root_store_roots(relay->all->trust));
    tls_engine_verdict(relay->tls, clock_wall_ms(), verdict);
    verdict->mask &= ~(1u << VERIFY_NAME_MISMATCH); /* whose it is, is asked for by name below */
    shown->valid = verdict_ok(verdict);
}

static void judge_dane(struct relay *relay, struct host_shown *shown, struct dane_verdict *verdict)
{
    const struct relay_trust *trust = &relay->trust;
    const struct slice names[] = {trust->base, trust->host, relay->order.domain};
    struct dane_question question = {.records = trust->records,
                                     .record_count = trust->record_count,
                                     .names = names,
                                     .name_count = relay->order.domain.len ? 3 : 2};
    tls_engine_dane_verdict(relay->tls, &question, clock_wall_ms(), verdict);
    shown->dane = verdict->outcome;
}

static void read_names(struct relay *relay, struct host_shown *shown, struct arena *arena)
{
    CLEANUP(text_deinit) struct text leaf = text_with_ceiling(FACTS_BYTES_MAX);
    struct certificate_facts facts;
    shown->shown = tls_engine_peer_certificate(relay->tls, 0, &leaf);
    if (shown->shown &&
        certificate_facts_read(text_slice(&leaf), NULL, 0, arena, &facts) == CERTIFICATE_OK)
        shown->names = (struct slice_list){facts.dns_names, facts.dns_name_count};
}

struct judgement { /* of one handshake */
    struct host_demands demands;
    struct host_shown shown;
    struct verdict chain;
    struct dane_verdict dane;
    struct host_answer answer;
};

/* In the words of send_session, which writes the code and the status in front. */
static void explain(const struct judgement *judged, struct text *out)
{
    static const struct slice code = SLICE_INIT("454 4.7.5 ");
    char storage[REASON_MAX];
    struct text words = text_over(storage, sizeof storage);
    host_answer_explain(&judged->answer, &judged->demands, &judged->shown, &words);
    struct slice reply = text_slice(&words);
    slice_take_prefix(&reply, code);
    text_append(out, reply);
    if (judged->answer.verdict == HOST_NOT_VALID) {
        text_append_c(out, ": ");
        verdict_print(&judged->chain, out);
    } else if (judged->answer.verdict == HOST_NOT_DANE) {
        text_append_c(out, ": ");
        dane_explain(&judged->dane, out);
    }
}

static void judge_by(struct relay *relay, struct host_demands demands, struct judgement *judged)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(FACTS_BYTES_MAX);
    const struct relay_host *here = relay_here(relay);
    judged->demands = demands;
    judged->shown = (struct host_shown){.host = here->name, .tls = true, .vouched = here->vouched};
    read_names(relay, &judged->shown, &arena);
    if (demands.level >= HOST_LEVEL_CERTIFICATE || demands.sts || demands.sender)
        judge_chain(relay, &judged->shown, &judged->chain);
    if (judged->demands.dane)
        judge_dane(relay, &judged->shown, &judged->dane);
    judged->answer = host_judge(&judged->demands, &judged->shown);
    judged->shown.names = (struct slice_list){0};
}

static void judge(struct relay *relay, struct judgement *judged)
{
    judge_by(relay, demands_of(relay), judged);
}

bool relay_trust_is_proven(struct relay *relay)
{
    struct judgement judged = {0};
    struct host_demands demands = demands_of(relay);
    demands.sender = true;
    if (relay->tls)
        judge_by(relay, demands, &judged);
    return relay->tls && judged.answer.verdict == HOST_MAY_RECEIVE;
}

/* A policy that only tests is told of what it would have refused (RFC 8460 4.3). */
static enum tls_result result_of(const struct judgement *judged)
{
    enum host_verdict verdict = judged->answer.verdict;
    if (verdict == HOST_MAY_RECEIVE || judged->answer.demander == HOST_DEMAND_SENDER)
        verdict = judged->answer.testing;
    return relay_report_result(verdict, &judged->chain);
}

void relay_trust_answer(struct relay *relay)
{
    struct judgement judged = {0};
    char storage[2 * REASON_MAX];
    struct text reason = text_over(storage, sizeof storage);
    judge(relay, &judged);
    relay_report_note(relay, result_of(&judged));
    if (judged.answer.verdict == HOST_MAY_RECEIVE) {
        send_session_answer_tls(&relay->session, SEND_TLS_ESTABLISHED, SLICE(""));
        return;
    }
    explain(&judged, &reason);
    send_session_answer_tls(&relay->session, SEND_TLS_NOT_TRUSTED, text_slice(&reason));
}

/* --- for who only wants to know --- */

struct relay_demanders relay_trust_demanders(const struct relay *relay)
{
    struct host_demands demands = demands_of(relay);
    bool policy = demands.sts && demands.sts->mode == STS_MODE_ENFORCE;
    if (!uses_tls(relay))
        return (struct relay_demanders){0};
    return (struct relay_demanders){demands.dane, policy && !demands.dane};
}

/* The name that was asked for is the host's. */
static bool names_host(const struct relay *relay)
{
    struct verdict verdict;
    tls_engine_verdict(relay->tls, clock_wall_ms(), &verdict);
    return !(verdict.mask & 1u << VERIFY_NAME_MISMATCH);
}

static void describe_dane(const struct judgement *judged, struct text *findings)
{
    if (judged->answer.verdict == HOST_NOT_DANE)
        dane_explain(&judged->dane, findings);
    else
        text_append_c(findings, "OK");
}

struct slice relay_trust_describe(struct relay *relay, struct text *findings)
{
    struct judgement judged = {0};
    struct verdict verdict;
    judge(relay, &judged);
    if (judged.demands.dane) {
        describe_dane(&judged, findings);
        return relay->trust.base;
    }
    judge_chain(relay, &judged.shown, &verdict);
    bool by_domain = judged.demands.level == HOST_LEVEL_DOMAIN;
    if (by_domain ? judged.answer.verdict == HOST_OTHER : !names_host(relay))
        verdict.mask |= 1u << VERIFY_NAME_MISMATCH;
    verdict_print(&verdict, findings);
    return by_domain ? judged.demands.domain : judged.shown.host;
}

void relay_trust_end(struct relay *relay)
{
    dns_query_cancel(&relay->trust.query);
    arena_deinit(&relay->trust.arena);
    sts_kept_unref(relay->trust.sts);
    relay->trust = (struct relay_trust){0};
}
