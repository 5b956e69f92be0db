/* SPDX-License-Identifier: Apache-2.0 */
#include "model/submission.h"

#include "mail/from.h"

struct submission submission_of(const struct model *model,
                                const struct receive_connector *connector,
                                const struct mailbox *mailbox, const struct tls_peer *peer)
{
    struct submission submission = {.model = model,
                                    .connector = connector,
                                    .mailbox = mailbox,
                                    .peer = peer,
                                    .who = rights_who_of(connector, mailbox != NULL)};
    submission.rights = rights_of_session(model, connector, submission.who, mailbox);
    if (submission.who != RIGHTS_ANONYMOUS || !peer_is_partner(model, connector, peer))
        return submission;
    uint32_t more = rights_of_session(model, connector, RIGHTS_PARTNER, NULL);
    if (more)
        submission.who = RIGHTS_PARTNER;
    submission.rights |= more;
    return submission;
}

/* --- the policy --- */

static uint32_t limit(int64_t value)
{
    return value >= UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

void submission_fill_policy(const struct submission *anonymous, bool starttls,
                            struct session_policy *out)
{
    const struct receive_connector *c = anonymous->connector;
    const struct server *server = model_server(anonymous->model);
    bool integrated = (c->auth_mechanism & AUTH_INTEGRATED) != 0;
    *out = (struct session_policy){
        .fqdn = c->fqdn.len ? c->fqdn
                : server    ? server->fqdn
                            : c->server,
        .banner = c->banner,
        .default_domain = c->default_domain,
        .message_max_bytes = c->max_message_bytes,
        .recipients_max = limit(c->max_recipients_per_message),
        .protocol_errors_max = limit(c->max_protocol_errors),
        .logon_failures_max = limit(c->max_logon_failures),
        .connection_timeout_ms = c->connection_timeout_ms,
        .inactivity_timeout_ms = c->connection_inactivity_timeout_ms,
        .size_enabled = c->size_enabled != SIZE_DISABLED,
        .size_without_value = c->size_enabled == SIZE_ENABLED_WITHOUT_VALUE,
        .pipelining = c->pipelining_enabled,
        .dsn = c->delivery_status_notification_enabled,
        .enhanced_status_codes = c->enhanced_status_codes_enabled,
        .starttls = starttls && c->tls_mode == TLS_MODE_EXPLICIT,
        .eight_bit_mime = c->eight_bit_mime_enabled,
        .binary_mime = c->binary_mime_enabled,
        .chunking = c->chunking_enabled,
        .smtp_utf8 = c->smtp_utf8_enabled,
        .long_addresses = c->long_addresses_enabled,
        .orar = c->orar_enabled,
        .require_tls = c->require_tls,
        .reject_reserved_top_level = c->reject_reserved_top_level_recipient_domains,
        .reject_reserved_second_level = c->reject_reserved_second_level_recipient_domains,
        .reject_single_label = c->reject_single_label_recipient_domains,
        .require_ehlo_domain = c->require_ehlo_domain,
        .scram = integrated && c->extended_protection_policy != EXTENDED_PROTECTION_REQUIRE,
        .scram_plus = integrated && c->extended_protection_policy != EXTENDED_PROTECTION_NONE,
        .basic_auth = (c->auth_mechanism & AUTH_BASIC) != 0,
        .basic_auth_require_tls = (c->auth_mechanism & AUTH_BASIC_REQUIRE_TLS) != 0,
        .may_submit_anonymously = (anonymous->rights & RIGHT_SUBMIT) != 0,
        .accept_auth_parameter = (anonymous->rights & RIGHT_ACCEPT_AUTHENTICATION_FLAG) != 0,
    };
}

/* --- the verdicts --- */

static enum session_sender_answer sender_answer(enum rights_verdict verdict, bool logged_in)
{
    switch (verdict) {
    case RIGHTS_GRANTED:
        return SESSION_SENDER_OK;
    case RIGHTS_NO_SUBMIT:
        return logged_in ? SESSION_SENDER_SEND_AS_DENIED : SESSION_SENDER_NOT_AUTHENTICATED;
    case RIGHTS_DOMAIN_DENIED:
        return SESSION_SENDER_DOMAIN_DENIED;
    case RIGHTS_SEND_AS_DENIED:
    case RIGHTS_RELAY_DENIED:
        break;
    }
    return SESSION_SENDER_SEND_AS_DENIED;
}

enum session_sender_answer submission_judge_sender(const struct submission *s, struct slice sender,
                                                   struct rights_answer *out_why)
{
    *out_why = (struct rights_answer){0};
    enum peer_verdict proven = peer_judge_sender(s->model, s->connector, s->peer, sender);
    if (proven != PEER_MAY_SEND)
        return proven == PEER_IN_CLEAR ? SESSION_SENDER_TLS_NEEDED
                                       : SESSION_SENDER_CERTIFICATE_NEEDED;
    *out_why = rights_check_submit(s->rights);
    if (out_why->verdict == RIGHTS_GRANTED)
        *out_why = rights_check_sender(s->model, s->rights, s->mailbox, sender);
    return sender_answer(out_why->verdict, s->mailbox != NULL);
}

static struct slice domain_of(struct slice mailbox)
{
    for (size_t at = mailbox.len; at > 0; at--)
        if (mailbox.at[at - 1] == '@')
            return slice_after(mailbox, at);
    return (struct slice){0};
}

/* A name without a domain is the postmaster of this server. */
enum submission_recipient submission_judge_recipient(const struct submission *s,
                                                     struct slice mailbox,
                                                     struct rights_answer *out_why)
{
    struct slice domain = domain_of(mailbox);
    const struct accepted_domain *ours = accepted_domain_of(s->model, domain);
    *out_why = (struct rights_answer){0};
    if (domain.len && !ours)
        *out_why = rights_check_recipient(s->model, s->rights, domain);
    if (out_why->verdict != RIGHTS_GRANTED)
        return SUBMISSION_RECIPIENT_DENIED;
    if (!domain.len || (ours && ours->domain_type == DOMAIN_AUTHORITATIVE))
        return SUBMISSION_RECIPIENT_MUST_EXIST;
    return ours ? SUBMISSION_RECIPIENT_MAY_EXIST : SUBMISSION_RECIPIENT_GRANTED;
}

bool submission_is_stranger(const struct submission *s)
{
    return s->who == RIGHTS_ANONYMOUS || s->who == RIGHTS_PARTNER;
}

enum submission_from submission_judge_from(const struct submission *s, struct slice value,
                                           struct slice *out_address, struct rights_answer *out_why)
{
    struct from_list list;
    *out_address = (struct slice){0};
    *out_why = (struct rights_answer){0};
    if (s->rights & RIGHT_ACCEPT_ANY_SENDER)
        return SUBMISSION_FROM_GRANTED;
    if (from_parse(value, &list) != FROM_OK)
        return SUBMISSION_FROM_UNCLEAR;
    for (size_t i = 0; i < list.count; i++) {
        *out_address = list.mailbox[i];
        *out_why = rights_check_sender(s->model, s->rights, s->mailbox, *out_address);
        if (out_why->verdict != RIGHTS_GRANTED)
            return SUBMISSION_FROM_DENIED;
    }
    return SUBMISSION_FROM_GRANTED;
}
