/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/probe_plan.h"

#include "model/certificate_choice.h"
#include "model/connector_choice.h"
#include "model/key_kinds.h"
#include "tls/context.h"

#include <stdlib.h>

enum { PLAN_BYTES_MAX = 1 << 20 };

struct probe_plan *probe_plan_new(void)
{
    struct probe_plan *plan = calloc(1, sizeof *plan);
    if (plan)
        plan->arena = arena_with_ceiling(PLAN_BYTES_MAX);
    return plan;
}

void probe_plan_free(struct probe_plan *plan)
{
    if (!plan)
        return;
    arena_deinit(&plan->arena);
    free(plan->rows);
    free(plan);
}

/* --- listeners --- */

bool probe_plan_takes(const struct probe_plan *plan, struct ip_endpoint listener)
{
    for (size_t i = 0; i < plan->listener_count; i++)
        if (ip_endpoint_equal(plan->listeners[i], listener))
            return true;
    return false;
}

static bool is_full(const struct probe_plan *plan)
{
    return plan->listener_count == PROBE_LISTENERS_MAX;
}

void probe_plan_add_connector(struct probe_plan *plan, const struct receive_connector *connector)
{
    for (size_t i = 0; connector->enabled && i < connector->bindings.count; i++) {
        if (probe_plan_takes(plan, connector->bindings.at[i]))
            continue;
        plan->more = plan->more || is_full(plan);
        if (!is_full(plan))
            plan->listeners[plan->listener_count++] = connector->bindings.at[i];
    }
}

/* What decides who answers at a listener and with which certificate. */
static bool is_as_before(const struct receive_connector *before,
                         const struct receive_connector *after)
{
    static const char *const names[] = {
        "Bindings",
        "RemoteIPRanges",
        "Enabled",
        "Fqdn",
        "AuthMechanism",
        "TlsCertificateName",
        "TlsMode",
        "TlsSni",
        "TlsCertificateFallback",
        "TlsMinimumVersion",
        "ProxyProtocolRanges",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct setting *row = setting_exact(receive_connector_settings, slice_of(names[i]));
        if (!row || !setting_equal(row, before, after))
            return false;
    }
    return true;
}

static const struct certificate *choose(const struct model *model,
                                        const struct certificate_index *index,
                                        const struct receive_connector *connector, uint32_t keys,
                                        int64_t at_ms)
{
    struct certificate_question question = {.model = model,
                                            .index = index,
                                            .connector = connector,
                                            .at_ms = at_ms,
                                            .client_keys = keys};
    struct certificate_choice choice = {0};
    certificate_choose(&question, &choice);
    return choice.certificate;
}

/* --- the kinds of clients that are played --- */

/* clang-format off */
static const struct keys {
    uint32_t kinds;
    const char *name;
} keys[] = {
    {CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_RSA) | CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_RSA_PSS), "RSA"},
    {CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_ECDSA) | CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_ED25519), "Elliptic"},
};
/* clang-format on */
static const unsigned every_kind =
    TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS | TLS_VERIFIES_ECDSA | TLS_VERIFIES_ED25519;

/* --- what a change concerns --- */

struct sides {
    const struct model *model;
    struct certificate_index *index;
    const struct receive_connector *connector;
};

static bool shows_the_same(const struct sides *before, const struct sides *after, int64_t at_ms)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct certificate *a =
            choose(before->model, before->index, before->connector, keys[i].kinds, at_ms);
        const struct certificate *b =
            choose(after->model, after->index, after->connector, keys[i].kinds, at_ms);
        if (!a != !b || (a && !slice_equal(a->thumbprint, b->thumbprint)))
            return false;
    }
    return true;
}

/* A certificate, or the server: any connector may show another one, and those that look at the name
 * a client asks for may do so for some name. */
static void add_by_choice(struct probe_plan *plan, const struct model *before,
                          const struct model *after, int64_t at_ms)
{
    struct sides old = {.model = before, .index = certificate_index_new(before)};
    struct sides new = {.model = after, .index = certificate_index_new(after)};
    size_t near = 0, count = model_count(after, MODEL_RECEIVE_CONNECTOR);
    for (size_t i = 0; i < count && !is_full(plan); i++) {
        new.connector = model_receive_connector(after, i);
        old.connector = model_by_id_near(before, MODEL_RECEIVE_CONNECTOR, new.connector->id, &near);
        if (!old.connector || new.connector->tls_sni || !shows_the_same(&old, &new, at_ms))
            probe_plan_add_connector(plan, new.connector);
    }
    certificate_index_free(old.index);
    certificate_index_free(new.index);
}

void probe_plan_add_change(struct probe_plan *plan, const struct model *before,
                           const struct model *after, enum model_kind kind, struct object_id id,
                           int64_t at_ms)
{
    if (kind == MODEL_RECEIVE_CONNECTOR) {
        const struct receive_connector *old = before ? model_by_id(before, kind, id) : NULL;
        const struct receive_connector *new = model_by_id(after, kind, id);
        if (old && new &&is_as_before(old, new))
            return;
        if (new)
            probe_plan_add_connector(plan, new);
        if (old) /* perhaps another one answers there now */
            probe_plan_add_connector(plan, old);
    } else if (before && !plan->compared && (kind == MODEL_CERTIFICATE || kind == MODEL_SERVER)) {
        plan->compared = true;
        add_by_choice(plan, before, after, at_ms);
    }
}

/* --- rows --- */

/* Where a client on this machine finds a listener. */
static struct ip_endpoint dialed_of(struct ip_endpoint listener)
{
    struct ip_endpoint dialed = listener;
    struct slice here = ip_is_v4(listener.address) ? SLICE("127.0.0.1") : SLICE("::1");
    if (ip_is_any(listener.address) && !ip_parse(here, &dialed.address))
        dialed = listener;
    return dialed;
}

struct expansion {
    struct probe_plan *plan;
    const struct model *model;
    const struct receive_connector *connector;
    struct probe_row row; /* what its rows have in common */
    int64_t at_ms;
};

static bool add_row(struct expansion *work, const struct certificate *expected)
{
    struct probe_plan *plan = work->plan;
    struct probe_row row = work->row;
    if (plan->count == PROBE_ROWS_MAX) {
        plan->more = true;
        return true;
    }
    if (!arena_copy(&plan->arena, work->connector->identity, &row.connector) ||
        !arena_copy(&plan->arena, work->row.server_name, &row.server_name) ||
        (expected && !arena_copy(&plan->arena, expected->thumbprint, &row.expected)))
        return false;
    plan->rows[plan->count++] = row;
    return true;
}

/* One name (or none): each version with each kind of keys. */
static bool add_handshakes(struct expansion *work)
{
    static const uint16_t versions[] = {TLS_1_2, TLS_1_3};
    for (size_t v = 0; v < COUNT_OF(versions); v++) {
        if (versions[v] == TLS_1_2 && work->connector->tls_minimum_version == TLS_MINIMUM_13)
            continue;
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            struct certificate_question question = {.model = work->model,
                                                    .connector = work->connector,
                                                    .at_ms = work->at_ms,
                                                    .server_name = work->row.server_name,
                                                    .client_keys = keys[k].kinds};
            struct certificate_choice choice = {0};
            certificate_choose(&question, &choice);
            if (!choice.certificate ||
                !(keys[k].kinds & CERTIFICATE_KEY_BIT(choice.certificate->key_kind)))
                continue; /* no handshake is possible, by the rules */
            work->row.version = versions[v];
            work->row.verifies = key_kinds_to_tls(keys[k].kinds);
            if (!add_row(work, choice.certificate))
                return false;
        }
    }
    return true;
}

static bool is_among(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(names[i], name))
            return true;
    return false;
}

/* Host names to ask for: the first ones that SMTP-enabled certificates hold. */
static size_t collect_names(const struct model *model, struct slice names[PROBE_NAMES_MAX])
{
    size_t found = 0;
    for (size_t c = 0; c < model_count(model, MODEL_CERTIFICATE); c++) {
        const struct certificate *certificate = model_certificate(model, c);
        for (size_t n = 0; n < certificate->dns_names.count; n++) {
            struct slice name = certificate->dns_names.at[n];
            if (!(certificate->services & SERVICE_SMTP) || slice_contains(name, SLICE("*")) ||
                name.len > WIRE_DOMAIN_MAX || is_among(names, found, name))
                continue;
            if (found == PROBE_NAMES_MAX)
                return found;
            names[found++] = name;
        }
    }
    return found;
}

static bool add_tls(struct expansion *work)
{
    struct slice names[PROBE_NAMES_MAX];
    size_t count = work->connector->tls_sni ? collect_names(work->model, names) : 0;
    bool good = add_handshakes(work);
    for (size_t i = 0; good && i < count; i++) {
        work->row.server_name = names[i];
        good = add_handshakes(work);
    }
    return good;
}

static bool is_bound(const struct model *model, struct ip_endpoint listener)
{
    for (size_t c = 0; c < model_count(model, MODEL_RECEIVE_CONNECTOR); c++) {
        const struct receive_connector *connector = model_receive_connector(model, c);
        for (size_t b = 0; connector->enabled && b < connector->bindings.count; b++)
            if (ip_endpoint_equal(connector->bindings.at[b], listener))
                return true;
    }
    return false;
}

static bool expand_listener(struct expansion *work, struct ip_endpoint listener)
{
    struct ip_endpoint dialed = dialed_of(listener);
    const struct receive_connector *connector =
        connector_choose(work->model, dialed, dialed.address);
    if (!connector) {
        work->plan->out_of_it = work->plan->out_of_it || is_bound(work->model, listener);
        return true;
    }
    work->connector = connector;
    work->row = (struct probe_row){.binding = listener,
                                   .dialed = dialed,
                                   .implicit_tls = connector->tls_mode == TLS_MODE_IMPLICIT,
                                   .proxy = connector_trusts_proxy(connector, dialed.address)};
    if (choose(work->model, NULL, connector, 0, work->at_ms))
        return add_tls(work);
    work->row.version = TLS_1_3;
    work->row.verifies = every_kind;
    return add_row(work, NULL);
}

bool probe_plan_expand(struct probe_plan *plan, const struct model *model, int64_t at_ms)
{
    struct expansion work = {.plan = plan, .model = model, .at_ms = at_ms};
    plan->rows = calloc(PROBE_ROWS_MAX, sizeof *plan->rows);
    bool good = plan->rows != NULL;
    for (size_t i = 0; good && i < plan->listener_count; i++)
        good = expand_listener(&work, plan->listeners[i]);
    return good;
}

/* --- only connecting --- */

static bool add_connection(struct expansion *work, struct ip_endpoint listener)
{
    struct ip_endpoint dialed = dialed_of(listener);
    const struct receive_connector *answers = connector_choose(work->model, dialed, dialed.address);
    if (!answers)
        answers = work->connector;
    work->row = (struct probe_row){.binding = listener,
                                   .dialed = dialed,
                                   .implicit_tls = answers->tls_mode == TLS_MODE_IMPLICIT,
                                   .proxy = connector_trusts_proxy(answers, dialed.address),
                                   .version = TLS_1_3,
                                   .verifies = every_kind};
    return add_row(work, NULL);
}

bool probe_plan_connect(struct probe_plan *plan, const struct model *model)
{
    struct expansion work = {.plan = plan, .model = model};
    plan->only_connects = true;
    plan->rows = calloc(PROBE_ROWS_MAX, sizeof *plan->rows);
    bool good = plan->rows != NULL;
    for (size_t c = 0; good && c < model_count(model, MODEL_RECEIVE_CONNECTOR); c++) {
        work.connector = model_receive_connector(model, c);
        for (size_t b = 0; good && work.connector->enabled && b < work.connector->bindings.count;
             b++)
            good = add_connection(&work, work.connector->bindings.at[b]);
    }
    return good;
}

/* --- what came back --- */

static enum probe_verdict judge(const struct probe_row *row)
{
    switch (row->outcome) {
    case WIRE_PROBE_SHOWN:
        return row->expected.len && slice_equal(row->seen, row->expected) ? PROBE_AS_EXPECTED
                                                                          : PROBE_DIFFERS;
    case WIRE_PROBE_NOT_OFFERED:
        return row->expected.len ? PROBE_DIFFERS : PROBE_AS_EXPECTED;
    case WIRE_PROBE_TLS_FAILED: /* TLS from the first byte, with nothing to show */
        return row->implicit_tls && !row->expected.len ? PROBE_AS_EXPECTED : PROBE_DIFFERS;
    case WIRE_PROBE_REFUSED:
    case WIRE_PROBE_UNREACHABLE:
    case WIRE_PROBE_OUTCOMES:
        break;
    }
    return PROBE_NOT_SEEN;
}

void probe_row_answered(struct probe_plan *plan, struct probe_row *row,
                        const struct wire_probed *probed)
{
    row->outcome = (enum wire_probe_outcome)probed->outcome;
    if (!arena_copy(&plan->arena, probed->thumbprint, &row->seen) ||
        !arena_copy(&plan->arena, probed->text, &row->words))
        row->outcome = WIRE_PROBE_UNREACHABLE; /* no room to remember it */
    row->verdict = judge(row);
}

const char *probe_verdict_name(enum probe_verdict verdict)
{
    static const char *const names[] = {
        [PROBE_NOT_TRIED] = "NotTried",
        [PROBE_AS_EXPECTED] = "AsExpected",
        [PROBE_DIFFERS] = "Differs",
        [PROBE_NOT_SEEN] = "NotSeen",
    };
    return names[verdict];
}

const char *probe_row_version(const struct probe_row *row)
{
    return row->version == TLS_1_2 ? "TLS1.2" : "TLS1.3";
}

const char *probe_row_keys(const struct probe_row *row)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (row->verifies == key_kinds_to_tls(keys[i].kinds))
            return keys[i].name;
    return "Any";
}

bool probe_row_append_question(const struct probe_row *row, struct text *text)
{
    text_append_format(text, "%s, keys: %s", probe_row_version(row), probe_row_keys(row));
    return !row->server_name.len ||
           text_append_format(text, ", asking for %.*s", SLICE_ARG(row->server_name));
}
