/* SPDX-License-Identifier: Apache-2.0 */
#include "model/rights.h"

const struct setting_word right_words[] = {
    {"ms-Exch-SMTP-Submit", RIGHT_SUBMIT},
    {"ms-Exch-SMTP-Accept-Any-Recipient", RIGHT_ACCEPT_ANY_RECIPIENT},
    {"ms-Exch-SMTP-Accept-Any-Sender", RIGHT_ACCEPT_ANY_SENDER},
    {"ms-Exch-SMTP-Accept-Authoritative-Domain-Sender", RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER},
    {"ms-Exch-SMTP-Accept-Authentication-Flag", RIGHT_ACCEPT_AUTHENTICATION_FLAG},
    {"ms-Exch-SMTP-Accept-Exch50", RIGHT_ACCEPT_EXCH50},
    {"ms-Exch-Accept-Headers-Routing", RIGHT_ACCEPT_HEADERS_ROUTING},
    {"ms-Exch-Accept-Headers-Organization", RIGHT_ACCEPT_HEADERS_ORGANIZATION},
    {"ms-Exch-Accept-Headers-Forest", RIGHT_ACCEPT_HEADERS_FOREST},
    {"ms-Exch-Bypass-Anti-Spam", RIGHT_BYPASS_ANTI_SPAM},
    {"ms-Exch-Bypass-Message-Size-Limit", RIGHT_BYPASS_MESSAGE_SIZE_LIMIT},
    {"Send As", RIGHT_SEND_AS},
    {0},
};

enum {
    EXTERNALLY_SECURED_RIGHTS = RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_RECIPIENT |
                                RIGHT_ACCEPT_ANY_SENDER | RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER |
                                RIGHT_ACCEPT_AUTHENTICATION_FLAG | RIGHT_ACCEPT_EXCH50 |
                                RIGHT_ACCEPT_HEADERS_ROUTING | RIGHT_BYPASS_ANTI_SPAM |
                                RIGHT_BYPASS_MESSAGE_SIZE_LIMIT,
};

/* Which group a client of each sort must find on the connector, and what it then may. */
static const struct grant {
    uint32_t group;
    uint32_t rights;
    enum principal principals[3]; /* ended by 0; the first one is how it is called */
} grants[RIGHTS_WHO_COUNT] = {
    [RIGHTS_ANONYMOUS] = {GROUP_ANONYMOUS_USERS,
                          RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_SENDER |
                              RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER |
                              RIGHT_ACCEPT_HEADERS_ROUTING,
                          {PRINCIPAL_ANONYMOUS}},
    [RIGHTS_AUTHENTICATED] = {GROUP_EXCHANGE_USERS,
                              RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_RECIPIENT |
                                  RIGHT_ACCEPT_HEADERS_ROUTING | RIGHT_BYPASS_ANTI_SPAM,
                              {PRINCIPAL_AUTHENTICATED}},
    [RIGHTS_EXTERNALLY_SECURED] = {GROUP_EXCHANGE_SERVERS,
                                   EXTERNALLY_SECURED_RIGHTS,
                                   {PRINCIPAL_EXTERNALLY_SECURED}},
    [RIGHTS_SERVER] = {GROUP_EXCHANGE_SERVERS,
                       EXTERNALLY_SECURED_RIGHTS | RIGHT_ACCEPT_HEADERS_ORGANIZATION |
                           RIGHT_ACCEPT_HEADERS_FOREST,
                       {PRINCIPAL_HUB_SERVERS, PRINCIPAL_EDGE_SERVERS}},
    [RIGHTS_LEGACY_SERVER] = {GROUP_EXCHANGE_LEGACY_SERVERS,
                              EXTERNALLY_SECURED_RIGHTS,
                              {PRINCIPAL_LEGACY_SERVERS}},
    [RIGHTS_PARTNER] = {GROUP_PARTNERS,
                        RIGHT_SUBMIT | RIGHT_ACCEPT_HEADERS_ROUTING,
                        {PRINCIPAL_PARTNER_SERVERS}},
};

const char *right_name(enum right right)
{
    for (const struct setting_word *w = right_words; w->word; w++)
        if (w->value == (uint32_t)right)
            return w->word;
    return "";
}

enum rights_who rights_who_of(const struct receive_connector *connector, bool authenticated)
{
    if (connector->auth_mechanism & AUTH_EXTERNAL_AUTHORITATIVE)
        return RIGHTS_EXTERNALLY_SECURED;
    return authenticated ? RIGHTS_AUTHENTICATED : RIGHTS_ANONYMOUS;
}

const enum principal *rights_principals(enum rights_who who)
{
    return grants[who].principals;
}

/* Other servers are not recognised yet: their sessions are anonymous. */
bool rights_principal_occurs(const struct receive_connector *connector, enum principal principal)
{
    bool external = connector->auth_mechanism & AUTH_EXTERNAL_AUTHORITATIVE;
    if (principal == PRINCIPAL_EXTERNALLY_SECURED || principal == PRINCIPAL_ANONYMOUS)
        return external == (principal == PRINCIPAL_EXTERNALLY_SECURED);
    if (principal == PRINCIPAL_PARTNER_SERVERS)
        return connector->domain_secure_enabled;
    return !external && (connector->auth_mechanism & (AUTH_BASIC | AUTH_INTEGRATED)) &&
           (principal == PRINCIPAL_AUTHENTICATED || principal == PRINCIPAL_MAILBOX);
}

uint32_t rights_of_groups(uint32_t permission_groups, enum rights_who who)
{
    return permission_groups & grants[who].group ? grants[who].rights : 0;
}

static bool is_for(const struct permission *p, enum rights_who who, const struct mailbox *account)
{
    if (p->principal == PRINCIPAL_MAILBOX)
        return who == RIGHTS_AUTHENTICATED && account && object_id_equal(p->mailbox, account->id);
    for (const enum principal *one = grants[who].principals; *one; one++)
        if (p->principal == (uint32_t)*one)
            return true;
    return false;
}

uint32_t rights_of_session(const struct model *model, const struct receive_connector *connector,
                           enum rights_who who, const struct mailbox *account)
{
    uint32_t granted = rights_of_groups(connector->permission_groups, who), denied = 0;
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(model, i);
        if (!object_id_equal(p->object, connector->id) || !is_for(p, who, account))
            continue;
        if (p->deny)
            denied |= p->rights;
        else
            granted |= p->rights;
    }
    return granted & ~denied;
}

bool rights_login_is_useful(const struct model *model, const struct receive_connector *connector)
{
    if (rights_of_session(model, connector, RIGHTS_AUTHENTICATED, NULL) & RIGHT_SUBMIT)
        return true;
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(model, i);
        if (p->principal == PRINCIPAL_MAILBOX && !p->deny && (p->rights & RIGHT_SUBMIT) &&
            object_id_equal(p->object, connector->id))
            return true;
    }
    return false;
}

static struct rights_answer denied(enum rights_verdict verdict, enum right right)
{
    return (struct rights_answer){verdict, right};
}

struct rights_answer rights_check_submit(uint32_t rights)
{
    if (rights & RIGHT_SUBMIT)
        return (struct rights_answer){0};
    return denied(RIGHTS_NO_SUBMIT, RIGHT_SUBMIT);
}

/* The accepted domain an address lives in, or NULL. */
static const struct accepted_domain *home_of(const struct model *model, struct slice address)
{
    struct slice domain = address;
    size_t at;
    while (slice_find(domain, '@', &at)) /* the last one: a quoted local part may hold others */
        domain = slice_after(domain, at + 1);
    return accepted_domain_of(model, domain);
}

struct rights_answer rights_check_sender(const struct model *model, uint32_t rights,
                                         const struct mailbox *mailbox, struct slice sender)
{
    if (sender.len == 0 || (mailbox && mailbox_has_address(mailbox, sender)))
        return (struct rights_answer){0};
    const struct accepted_domain *home = home_of(model, sender);
    if (!(rights & RIGHT_ACCEPT_ANY_SENDER) && mailbox)
        return denied(RIGHTS_SEND_AS_DENIED, home ? RIGHT_SEND_AS : RIGHT_ACCEPT_ANY_SENDER);
    if (!(rights & RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER) && home &&
        home->domain_type == DOMAIN_AUTHORITATIVE)
        return denied(RIGHTS_DOMAIN_DENIED, RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER);
    return (struct rights_answer){0};
}

struct rights_answer rights_check_recipient(const struct model *model, uint32_t rights,
                                            struct slice recipient_domain)
{
    if ((rights & RIGHT_ACCEPT_ANY_RECIPIENT) || accepted_domain_of(model, recipient_domain))
        return (struct rights_answer){0};
    return denied(RIGHTS_RELAY_DENIED, RIGHT_ACCEPT_ANY_RECIPIENT);
}
