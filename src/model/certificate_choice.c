/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_choice.h"

#include "tls/host_name.h"

/* One search: the rule and what it looks for. */
struct search {
    enum certificate_rule rule;
    struct slice key;
};

static bool can_verify(const struct certificate_question *question,
                       const struct certificate *certificate)
{
    return !question->client_keys ||
           question->client_keys & CERTIFICATE_KEY_BIT(certificate->key_kind);
}

/* How a certificate stands in the search; a smaller rank is better, criterion by criterion. */
struct standing {
    bool not_verifiable; /* by the client */
    int validity;        /* 0 valid, 1 expired, 2 not yet valid */
    bool self_signed, wildcard;
    const struct certificate *certificate;
};

static struct slice without_dot(struct slice host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

/* Nearly every pattern ends otherwise, which is seen before its grammar is looked at. */
bool certificate_dns_name_matches(struct slice pattern, struct slice host)
{
    pattern = without_dot(pattern);
    host = without_dot(host);
    struct slice end = pattern;
    slice_take_prefix(&end, SLICE("*"));
    return slice_ends_nocase(host, end) && host_name_matches(pattern, host);
}

bool certificate_offers_tls(const struct receive_connector *connector)
{
    return connector->auth_mechanism & AUTH_TLS;
}

bool certificate_is_named_by(const struct certificate *certificate,
                             const struct receive_connector *connector)
{
    if (connector->tls_thumbprint.len)
        return slice_equal(certificate->thumbprint, connector->tls_thumbprint);
    return connector->tls_issuer_der.len && connector->tls_subject_der.len &&
           slice_equal(certificate->issuer_der, connector->tls_issuer_der) &&
           slice_equal(certificate->subject_der, connector->tls_subject_der);
}

enum match { MATCH_NONE, MATCH_WILDCARD, MATCH_EXACT };

static enum match match_host(const struct certificate *certificate, struct slice host)
{
    enum match best = MATCH_NONE;
    for (size_t i = 0; i < certificate->dns_names.count && best != MATCH_EXACT; i++) {
        struct slice name = certificate->dns_names.at[i];
        if (!certificate_dns_name_matches(name, host))
            continue;
        best = slice_starts(name, SLICE("*")) ? MATCH_WILDCARD : MATCH_EXACT;
    }
    return best;
}

static enum match match_of(const struct receive_connector *connector, const struct search *search,
                           const struct certificate *certificate)
{
    switch (search->rule) {
    case CERTIFICATE_RULE_PINNED_THUMBPRINT:
    case CERTIFICATE_RULE_NAMED_CERTIFICATE:
        return certificate_is_named_by(certificate, connector) ? MATCH_EXACT : MATCH_NONE;
    case CERTIFICATE_RULE_CONNECTOR_FQDN:
    case CERTIFICATE_RULE_SERVER_FQDN:
    case CERTIFICATE_RULE_SERVER_NAME:
        return match_host(certificate, search->key);
    case CERTIFICATE_RULE_NO_TLS:
        break;
    }
    return MATCH_NONE;
}

/* CERTIFICATE_CHOSEN means: fit to be chosen. */
static enum certificate_reason fitness(const struct receive_connector *connector,
                                       const struct search *search,
                                       const struct certificate *certificate)
{
    if (match_of(connector, search, certificate) == MATCH_NONE)
        return search->rule == CERTIFICATE_RULE_PINNED_THUMBPRINT ? CERTIFICATE_THUMBPRINT_DIFFERS
                                                                  : CERTIFICATE_NAME_MISMATCH;
    if (certificate->status == STATUS_PENDING_REQUEST)
        return CERTIFICATE_PENDING_REQUEST;
    if (certificate->x509_version < 3)
        return CERTIFICATE_NOT_V3;
    if (!certificate->has_private_key)
        return CERTIFICATE_NO_PRIVATE_KEY;
    if (!(certificate->services & SERVICE_SMTP))
        return CERTIFICATE_SERVICE_NOT_ENABLED;
    return certificate_is_revoked(certificate) ? CERTIFICATE_REVOKED : CERTIFICATE_CHOSEN;
}

static struct standing standing_of(const struct certificate_question *question,
                                   const struct search *search,
                                   const struct certificate *certificate)
{
    bool early = question->at_ms < certificate->not_before_ms;
    bool late = question->at_ms > certificate->not_after_ms;
    return (struct standing){
        .not_verifiable = !can_verify(question, certificate),
        .validity = late    ? 1
                    : early ? 2
                            : 0,
        .self_signed = certificate->self_signed,
        .wildcard = match_of(question->connector, search, certificate) == MATCH_WILDCARD,
        .certificate = certificate,
    };
}

/* Why `behind` stands behind `front`; CERTIFICATE_CHOSEN when it stands before it. */
static enum certificate_reason why_behind(const struct standing *behind,
                                          const struct standing *front)
{
    const struct certificate *a = behind->certificate, *b = front->certificate;
    int thumbprints = slice_compare(a->thumbprint, b->thumbprint);
    struct {
        int order; /* > 0: behind by this criterion; < 0: before by it */
        enum certificate_reason reason;
    } criteria[] = {
        {behind->not_verifiable - front->not_verifiable, CERTIFICATE_KEY_NOT_VERIFIABLE},
        {behind->validity - front->validity,
         behind->validity == 1 ? CERTIFICATE_EXPIRED : CERTIFICATE_NOT_YET_VALID},
        {behind->self_signed - front->self_signed, CERTIFICATE_SELF_SIGNED_AFTER_ISSUED},
        {behind->wildcard - front->wildcard, CERTIFICATE_WILDCARD_AFTER_EXACT},
        {(a->not_before_ms < b->not_before_ms) - (a->not_before_ms > b->not_before_ms),
         CERTIFICATE_OLDER_SAME_NAME},
        {(a->not_after_ms < b->not_after_ms) - (a->not_after_ms > b->not_after_ms),
         CERTIFICATE_EARLIER_EXPIRY},
        {thumbprints >= 0 ? -1 : 1, CERTIFICATE_LOWER_THUMBPRINT},
    };
    for (size_t i = 0; i < COUNT_OF(criteria); i++)
        if (criteria[i].order)
            return criteria[i].order > 0 ? criteria[i].reason : CERTIFICATE_CHOSEN;
    return CERTIFICATE_LOWER_THUMBPRINT;
}

/* Where a search looks: at all certificates, or at those the index has under its key. */
struct seeker {
    const struct certificate_question *question;
    size_t next; /* without an index */
    struct certificate_lookup lookup;
};

static struct certificate_lookup look_up(const struct certificate_question *question,
                                         const struct search *search)
{
    const struct receive_connector *connector = question->connector;
    switch (search->rule) {
    case CERTIFICATE_RULE_PINNED_THUMBPRINT:
        return certificate_index_by_thumbprint(question->index, connector->tls_thumbprint);
    case CERTIFICATE_RULE_NAMED_CERTIFICATE:
        return certificate_index_by_name(question->index, connector->tls_issuer_der,
                                         connector->tls_subject_der);
    case CERTIFICATE_RULE_CONNECTOR_FQDN:
    case CERTIFICATE_RULE_SERVER_FQDN:
    case CERTIFICATE_RULE_SERVER_NAME:
        return certificate_index_by_host(question->index, search->key);
    case CERTIFICATE_RULE_NO_TLS:
        break;
    }
    return (struct certificate_lookup){0};
}

static struct seeker seek(const struct certificate_question *question, const struct search *search)
{
    struct seeker seeker = {.question = question};
    if (question->index)
        seeker.lookup = look_up(question, search);
    return seeker;
}

static const struct certificate *seek_next(struct seeker *seeker)
{
    const struct model *model = seeker->question->model;
    if (seeker->question->index)
        return certificate_lookup_next(&seeker->lookup);
    if (seeker->next == model_count(model, MODEL_CERTIFICATE))
        return NULL;
    return model_certificate(model, seeker->next++);
}

static const struct certificate *search_best(const struct certificate_question *question,
                                             const struct search *search)
{
    struct standing best = {0};
    struct seeker seeker = seek(question, search);
    for (const struct certificate *certificate; (certificate = seek_next(&seeker));) {
        if (fitness(question->connector, search, certificate) != CERTIFICATE_CHOSEN)
            continue;
        struct standing standing = standing_of(question, search, certificate);
        if (!best.certificate || why_behind(&standing, &best) == CERTIFICATE_CHOSEN)
            best = standing;
    }
    return best.certificate;
}

static struct search search_by_name(const struct receive_connector *connector)
{
    return (struct search){connector->tls_thumbprint.len ? CERTIFICATE_RULE_PINNED_THUMBPRINT
                                                         : CERTIFICATE_RULE_NAMED_CERTIFICATE,
                           connector->tls_certificate_name};
}

static struct search search_by_host(const struct certificate_question *question)
{
    const struct server *server = model_server(question->model);
    if (question->connector->fqdn.len)
        return (struct search){CERTIFICATE_RULE_CONNECTOR_FQDN, question->connector->fqdn};
    return (struct search){CERTIFICATE_RULE_SERVER_FQDN, server ? server->fqdn : SLICE("")};
}

static void put_answer(const struct certificate_question *question, const struct search *search,
                       struct certificate_choice *choice)
{
    choice->rule = search->rule;
    choice->key = search->key;
    int validity =
        choice->certificate ? standing_of(question, search, choice->certificate).validity : 0;
    choice->expired = validity == 1;
    choice->not_yet_valid = validity == 2;
}

static bool covers(const struct certificate_choice *choice, struct slice host)
{
    return match_host(choice->certificate, host) != MATCH_NONE;
}

/* Nothing that is not valid takes the place of the usual answer. Where there is none TLS is not
 * offered, and nobody comes to ask for a host. */
static void look_for_server_name(const struct certificate_question *question,
                                 struct certificate_choice *choice)
{
    struct search search = {CERTIFICATE_RULE_SERVER_NAME, question->server_name};
    if (!choice->certificate || !question->connector->tls_sni || !search.key.len ||
        covers(choice, search.key))
        return;
    const struct certificate *better = search_best(question, &search);
    if (!better || standing_of(question, &search, better).validity != 0)
        return;
    choice->certificate = better;
    put_answer(question, &search, choice);
}

void certificate_choose(const struct certificate_question *question,
                        struct certificate_choice *out_choice)
{
    const struct receive_connector *connector = question->connector;
    *out_choice = (struct certificate_choice){.rule = CERTIFICATE_RULE_NO_TLS};
    if (!certificate_offers_tls(connector))
        return;
    bool named = connector->tls_certificate_name.len != 0;
    struct search search = named ? search_by_name(connector) : search_by_host(question);
    out_choice->certificate = search_best(question, &search);
    out_choice->named_missing = named && !out_choice->certificate;
    if (out_choice->named_missing && connector->tls_certificate_fallback) {
        search = search_by_host(question);
        out_choice->certificate = search_best(question, &search);
    }
    put_answer(question, &search, out_choice);
    look_for_server_name(question, out_choice);
}

bool certificate_choice_holds(const struct certificate_question *question,
                              const struct certificate_choice *usual)
{
    if (usual->rule == CERTIFICATE_RULE_NO_TLS)
        return true;
    if (!usual->certificate || !can_verify(question, usual->certificate))
        return false;
    return !question->connector->tls_sni || !question->server_name.len ||
           covers(usual, question->server_name);
}

static enum certificate_reason reason_of(const struct certificate_question *question,
                                         const struct certificate_choice *choice,
                                         const struct certificate *certificate)
{
    const struct receive_connector *connector = question->connector;
    if (choice->rule == CERTIFICATE_RULE_NO_TLS)
        return CERTIFICATE_NOT_ASKED;
    if (certificate == choice->certificate)
        return CERTIFICATE_CHOSEN;
    /* A certificate that is named and unfit: that is why there was a fallback, so it goes first. */
    if (choice->named_missing && certificate_is_named_by(certificate, connector)) {
        struct search named = search_by_name(connector);
        return fitness(connector, &named, certificate);
    }
    struct search search = {choice->rule, choice->key};
    enum certificate_reason unfit = fitness(connector, &search, certificate);
    if (unfit != CERTIFICATE_CHOSEN || !choice->certificate)
        return unfit;
    struct standing behind = standing_of(question, &search, certificate);
    struct standing front = standing_of(question, &search, choice->certificate);
    return why_behind(&behind, &front);
}

size_t certificate_explain(const struct certificate_question *question,
                           struct certificate_choice *out_choice,
                           struct certificate_candidate *out_candidates, size_t capacity)
{
    size_t count = model_count(question->model, MODEL_CERTIFICATE);
    certificate_choose(question, out_choice);
    for (size_t i = 0; i < count && i < capacity; i++) {
        const struct certificate *certificate = model_certificate(question->model, i);
        out_candidates[i] = (struct certificate_candidate){
            certificate, reason_of(question, out_choice, certificate)};
    }
    return count;
}

/* --- the future --- */

/* Whether any search of this question could find the certificate. */
static bool is_searched(const struct certificate_question *question,
                        const struct certificate *certificate)
{
    return certificate_is_named_by(certificate, question->connector) ||
           match_host(certificate, search_by_host(question).key) != MATCH_NONE ||
           match_host(certificate, question->server_name) != MATCH_NONE;
}

static bool next_boundary(const struct certificate_question *question, int64_t after_ms,
                          int64_t *out_at_ms)
{
    bool found = false;
    for (size_t i = 0; i < model_count(question->model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(question->model, i);
        int64_t moments[] = {certificate->not_before_ms, certificate->not_after_ms + 1};
        for (size_t k = 0; k < COUNT_OF(moments); k++)
            if (moments[k] > after_ms && (!found || moments[k] < *out_at_ms) &&
                is_searched(question, certificate)) {
                *out_at_ms = moments[k];
                found = true;
            }
    }
    return found;
}

static bool same_answer(const struct certificate_choice *a, const struct certificate_choice *b)
{
    return a->certificate == b->certificate && a->rule == b->rule && a->expired == b->expired &&
           a->not_yet_valid == b->not_yet_valid;
}

bool certificate_next_change(const struct certificate_question *question, int64_t *out_at_ms,
                             struct certificate_choice *out_choice)
{
    struct certificate_choice now;
    struct certificate_question later = *question;
    certificate_choose(question, &now);
    while (next_boundary(question, later.at_ms, &later.at_ms)) {
        certificate_choose(&later, out_choice);
        if (!same_answer(&now, out_choice)) {
            *out_at_ms = later.at_ms;
            return true;
        }
    }
    return false;
}
