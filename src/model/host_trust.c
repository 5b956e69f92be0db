/* SPDX-License-Identifier: Apache-2.0 */
#include "model/host_trust.h"

#include "model/accepted_domain.h"
#include "tls/host_name.h"

enum { SHOWN_MAX = 255 };

static bool covers(const struct host_shown *shown, struct slice name)
{
    for (size_t i = 0; i < shown->names.count; i++)
        if (host_name_matches(shown->names.at[i], name))
            return true;
    return false;
}

/* "*.x.example" is proven by a name below it, or by that wildcard itself. */
static bool covers_domain(const struct host_shown *shown, struct slice domain)
{
    if (!slice_starts(domain, SLICE("*.")))
        return covers(shown, domain);
    for (size_t i = 0; i < shown->names.count; i++)
        if (domain_pattern_holds(domain, shown->names.at[i]))
            return true;
    return false;
}

static enum host_verdict judge_chain(const struct host_shown *shown)
{
    if (!shown->tls)
        return HOST_IN_CLEAR;
    if (!shown->shown)
        return HOST_NOT_SHOWN;
    return shown->valid ? HOST_MAY_RECEIVE : HOST_NOT_VALID;
}

static enum host_verdict judge_level(const struct host_demands *demands,
                                     const struct host_shown *shown)
{
    enum host_verdict chain = judge_chain(shown);
    switch (demands->level) {
    case HOST_LEVEL_NONE:
        return HOST_MAY_RECEIVE;
    case HOST_LEVEL_ENCRYPTION:
        return shown->tls ? HOST_MAY_RECEIVE : HOST_IN_CLEAR;
    case HOST_LEVEL_CERTIFICATE:
        return chain;
    case HOST_LEVEL_DOMAIN:
        break;
    }
    if (chain != HOST_MAY_RECEIVE)
        return chain;
    return covers_domain(shown, demands->domain) ? HOST_MAY_RECEIVE : HOST_OTHER;
}

/* RFC 7672 2.2: records of which none is of use still demand TLS. */
static enum host_verdict judge_dane(const struct host_shown *shown)
{
    if (!shown->tls)
        return HOST_IN_CLEAR;
    bool content = shown->dane == DANE_MATCH || shown->dane == DANE_NO_USABLE;
    return content ? HOST_MAY_RECEIVE : HOST_NOT_DANE;
}

/* RFC 8461 4.1, 4.2 */
static enum host_verdict judge_sts(const struct sts_policy *policy, const struct host_shown *shown)
{
    if (!sts_policy_allows(policy, shown->host))
        return HOST_NOT_NAMED;
    enum host_verdict chain = judge_chain(shown);
    if (chain != HOST_MAY_RECEIVE)
        return chain;
    return covers(shown, shown->host) ? HOST_MAY_RECEIVE : HOST_OTHER;
}

static bool names_host(const struct sts_policy *policy, struct slice host)
{
    return policy && policy->mode != STS_MODE_NONE && sts_policy_allows(policy, host);
}

/* RFC 8689 4.2.1. DomainValidation, which has been content before, proves more than this. */
static enum host_verdict judge_sender(const struct host_demands *demands,
                                      const struct host_shown *shown)
{
    if (!shown->tls)
        return HOST_IN_CLEAR;
    if (demands->level == HOST_LEVEL_DOMAIN)
        return HOST_MAY_RECEIVE;
    if (!shown->vouched && !names_host(demands->sts, shown->host))
        return HOST_NOT_VOUCHED;
    if (demands->dane && shown->dane == DANE_MATCH)
        return HOST_MAY_RECEIVE;
    enum host_verdict chain = judge_chain(shown);
    if (chain != HOST_MAY_RECEIVE)
        return chain;
    return covers(shown, shown->host) ? HOST_MAY_RECEIVE : HOST_OTHER;
}

struct host_answer host_judge(const struct host_demands *demands, const struct host_shown *shown)
{
    struct host_answer answer = {judge_level(demands, shown), HOST_DEMAND_CONNECTOR,
                                 HOST_MAY_RECEIVE};
    const struct sts_policy *sts = demands->dane ? NULL : demands->sts;
    if (sts && sts->mode == STS_MODE_TESTING)
        answer.testing = judge_sts(sts, shown);
    if (answer.verdict != HOST_MAY_RECEIVE)
        return answer;
    if (demands->dane) {
        answer.verdict = judge_dane(shown);
        answer.demander = HOST_DEMAND_DANE;
    } else if (sts && sts->mode == STS_MODE_ENFORCE) {
        answer.verdict = judge_sts(sts, shown);
        answer.demander = HOST_DEMAND_STS;
    }
    if (answer.verdict == HOST_MAY_RECEIVE && demands->sender) {
        answer.verdict = judge_sender(demands, shown);
        answer.demander = HOST_DEMAND_SENDER;
    }
    return answer;
}

bool host_needs_tls(const struct host_demands *demands)
{
    return demands->level != HOST_LEVEL_NONE || demands->dane || demands->sender ||
           (demands->sts && demands->sts->mode == STS_MODE_ENFORCE);
}

/* --- the reply --- */

static const char *const replies[] = {
    [HOST_MAY_RECEIVE] = NULL,
    [HOST_IN_CLEAR] = "451 5.7.3 STARTTLS is required to send mail, and there is none with ",
    [HOST_NOT_SHOWN] = "454 4.7.5 no certificate is shown by ",
    [HOST_NOT_VALID] = "454 4.7.5 the chain of the certificate does not hold: ",
    [HOST_OTHER] = "454 4.7.5 the certificate is of another name than demanded: ",
    [HOST_NOT_DANE] = "454 4.7.5 the certificate is not the one of the TLSA records: ",
    [HOST_NOT_NAMED] = "454 4.7.5 the domain's policy does not name the host ",
    [HOST_NOT_VOUCHED] = "454 4.7.5 neither DNSSEC nor MTA-STS vouches for the host ",
};
_Static_assert(COUNT_OF(replies) == HOST_VERDICTS, "each verdict has its reply");

static bool explain_demander(const struct host_answer *answer, const struct host_demands *demands,
                             struct text *out)
{
    switch (answer->demander) {
    case HOST_DEMAND_DANE:
        return text_append_c(out, " (demanded by DANE, RFC 7672)");
    case HOST_DEMAND_STS:
        return text_append_c(out, " (demanded by MTA-STS, RFC 8461)");
    case HOST_DEMAND_SENDER:
        return text_append_c(out, " (demanded by the sender: REQUIRETLS, RFC 8689)");
    case HOST_DEMAND_CONNECTOR:
        break;
    }
    if (answer->verdict != HOST_OTHER)
        return text_append_c(out, " (demanded by TlsAuthLevel or RequireTLS of the connector)");
    return text_append_c(out, " (the connector demands ") &&
           text_append_escaped(out, demands->domain, SHOWN_MAX) && text_append_byte(out, ')');
}

bool host_answer_explain(const struct host_answer *answer, const struct host_demands *demands,
                         const struct host_shown *shown, struct text *out)
{
    const char *reply = replies[answer->verdict];
    return !reply ||
           (text_append_c(out, reply) && text_append_escaped(out, shown->host, SHOWN_MAX) &&
            explain_demander(answer, demands, out));
}
