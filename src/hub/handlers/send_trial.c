/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/send_trial.h"

#include "tls/verify.h"

/* --- what is demanded --- */

void send_trial_append_demand(const struct send_trial *trial, const struct wire_relay_seen *seen,
                              struct text *demand, struct text *source)
{
    bool more = trial->judged.source != DEMAND_NOBODY;
    if (!seen->demanded_by_dane && !seen->demanded_by_policy) {
        text_append_c(demand, trial->demand);
        text_append_c(source, send_demand_source_text(trial->judged.source));
        return;
    }
    if (more) {
        text_append_format(demand, "%s; and ", trial->demand);
        text_append_format(source, "%s; ", send_demand_source_text(trial->judged.source));
    }
    text_append_c(demand, seen->demanded_by_dane
                              ? "TLS, and a certificate that the host's TLSA records speak of"
                              : "TLS, a host that the domain's policy names, and a certificate for "
                                "it that a trusted root vouches for");
    text_append_c(source, seen->demanded_by_dane ? "DANE of the host" : "MTA-STS of the domain");
}

/* --- what to do about it --- */

static bool fix_hosts(const struct send_trial *trial, const struct wire_relay_seen *seen,
                      struct text *fix)
{
    (void)seen;
    return trial->smart &&
           text_append_format(fix, "Set-SendConnector \"%s\" -SmartHosts HOST", trial->connector);
}

/* What others demand is not ours to take back. */
static bool fix_demand(const struct send_trial *trial, const struct wire_relay_seen *seen,
                       struct text *fix)
{
    return !seen->demanded_by_dane && !seen->demanded_by_policy && text_append_c(fix, trial->undo);
}

static bool fix_certificate(const struct send_trial *trial, const struct wire_relay_seen *seen,
                            struct text *fix)
{
    struct slice names = seen->names, first = {0};
    slice_take_field(&names, ',', &first);
    bool only_name =
        slice_equal(seen->findings, slice_of(verify_finding_name(VERIFY_NAME_MISMATCH)));
    if (only_name && first.len && trial->judged.source == DEMAND_TLS_AUTH_LEVEL)
        return text_append_format(fix, "Set-SendConnector \"%s\" -TlsDomain ", trial->connector) &&
               text_append_escaped(fix, first, SEND_TRIAL_REPLY_SHOWN);
    return fix_demand(trial, seen, fix);
}

static bool fix_own_certificate(const struct send_trial *trial, const struct wire_relay_seen *seen,
                                struct text *fix)
{
    (void)seen;
    return text_append_format(fix, "Set-SendConnector \"%s\" -TlsCertificateName $null",
                              trial->connector);
}

static bool fix_login(const struct send_trial *trial, const struct wire_relay_seen *seen,
                      struct text *fix)
{
    (void)seen;
    return text_append_format(fix,
                              "Set-SendConnector \"%s\" -AuthenticationCredential (Get-Credential)",
                              trial->connector);
}

void send_trial_append_fix(const struct send_trial *trial, const struct wire_relay_seen *seen,
                           struct text *fix)
{
    static const struct {
        struct slice begins;
        bool (*fix)(const struct send_trial *trial, const struct wire_relay_seen *seen,
                    struct text *fix);
    } rows[] = {
        {SLICE_INIT("450 4.4.317"), fix_hosts},
        {SLICE_INIT("450 4.4.4"), fix_hosts},
        {SLICE_INIT("451 5.7.3"), fix_demand},
        {SLICE_INIT("454 4.7.5 The certificate specified"), fix_own_certificate},
        {SLICE_INIT("454 4.7.5"), fix_certificate},
        {SLICE_INIT("454 4.7.0 Temporary auth"), fix_login},
        {SLICE_INIT("535"), fix_login},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_starts(seen->reply, rows[i].begins)) {
            rows[i].fix(trial, seen, fix);
            return;
        }
}

/* --- the verdict --- */

static bool is_good(const struct wire_relay_seen *seen)
{
    return slice_equal(seen->findings, SLICE("OK"));
}

static bool offers(const struct wire_relay_seen *seen, struct slice word)
{
    struct slice rest = seen->offers, line;
    while (slice_take_field(&rest, '\n', &line))
        if (slice_equal_nocase(line, word))
            return true;
    return false;
}

static void append_ready(const struct send_trial *trial, const struct wire_relay_seen *seen,
                         struct text *verdict)
{
    const char *reply = trial->recipient_reply;
    if (reply[0] && reply[0] != '2')
        text_append_format(verdict, "is ready for mail, but not for the recipient: %s", reply);
    else
        text_append_c(verdict, "takes mail");
    if (!seen->tls_version.len) {
        text_append_c(verdict, offers(seen, SLICE("STARTTLS"))
                                   ? ", in clear, although it offers STARTTLS"
                                   : ", in clear: it offers no STARTTLS");
        return;
    }
    text_append_format(verdict, ", inside %.*s", SLICE_ARG(seen->tls_version));
    if (is_good(seen))
        text_append_c(verdict, ", and its certificate is good");
    else
        text_append_format(verdict, "; its certificate is not good (%.*s), and need not be",
                           SLICE_ARG(seen->findings));
}

void send_trial_append_verdict(const struct send_trial *trial, const struct wire_relay_seen *seen,
                               struct text *verdict)
{
    switch ((enum wire_sight)seen->sight) {
    case WIRE_SIGHT_READY:
        append_ready(trial, seen, verdict);
        break;
    case WIRE_SIGHT_NOT_TRIED:
        text_append_c(verdict, "is not tried: one before it takes mail");
        break;
    case WIRE_SIGHT_FAILED:
    case WIRE_SIGHTS:
        text_append_c(verdict, seen->name.len ? "takes no mail: " : "no host was reached: ");
        text_append_escaped(verdict, seen->reply, SEND_TRIAL_REPLY_SHOWN);
        break;
    }
}
