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
    const char *principals[2]; /* names by which permissions may mean it */
} grants[] = {
    [RIGHTS_ANONYMOUS] = {GROUP_ANONYMOUS_USERS,
                          RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_SENDER |
                              RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER |
                              RIGHT_ACCEPT_HEADERS_ROUTING,
                          {"NT AUTHORITY\\ANONYMOUS LOGON", "S-1-5-7"}},
    [RIGHTS_AUTHENTICATED] = {GROUP_EXCHANGE_USERS,
                              RIGHT_SUBMIT | RIGHT_ACCEPT_ANY_RECIPIENT |
                                  RIGHT_ACCEPT_HEADERS_ROUTING | RIGHT_BYPASS_ANTI_SPAM,
                              {"NT AUTHORITY\\Authenticated Users", "S-1-5-11"}},
    [RIGHTS_EXTERNALLY_SECURED] = {GROUP_EXCHANGE_SERVERS,
                                   EXTERNALLY_SECURED_RIGHTS,
                                   {"MS Exchange\\Externally Secured Servers", ""}},
    [RIGHTS_SERVER] = {GROUP_EXCHANGE_SERVERS,
                       EXTERNALLY_SECURED_RIGHTS | RIGHT_ACCEPT_HEADERS_ORGANIZATION |
                           RIGHT_ACCEPT_HEADERS_FOREST,
                       {"MS Exchange\\Hub Transport Servers",
                        "MS Exchange\\Edge Transport Servers"}},
    [RIGHTS_LEGACY_SERVER] = {GROUP_EXCHANGE_LEGACY_SERVERS,
                              EXTERNALLY_SECURED_RIGHTS,
                              {"ExchangeLegacyInterop", ""}},
    [RIGHTS_PARTNER] = {GROUP_PARTNERS,
                        RIGHT_SUBMIT | RIGHT_ACCEPT_HEADERS_ROUTING,
                        {"MS Exchange\\Partner Servers", ""}},
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

uint32_t rights_of_groups(uint32_t permission_groups, enum rights_who who)
{
    return permission_groups & grants[who].group ? grants[who].rights : 0;
}

static bool is_principal(const struct model *model, struct slice principal, enum rights_who who,
                         struct slice account)
{
    for (size_t i = 0; i < COUNT_OF(grants[who].principals); i++)
        if (slice_equal_nocase(principal, slice_of(grants[who].principals[i])))
            return true;
    if (who != RIGHTS_AUTHENTICATED || account.len == 0)
        return false;
    if (slice_equal_nocase(principal, account))
        return true;
    const struct mailbox *mailbox = mailbox_of_login(model, account);
    return mailbox && mailbox == mailbox_of_login(model, principal);
}

uint32_t rights_of_session(const struct model *model, const struct receive_connector *connector,
                           enum rights_who who, struct slice account)
{
    uint32_t granted = rights_of_groups(connector->permission_groups, who), denied = 0;
    for (size_t i = 0; i < model_count(model, MODEL_PERMISSION); i++) {
        const struct permission *p = model_permission(model, i);
        if (!object_id_equal(p->connector, connector->id) || p->principal.len == 0 ||
            !is_principal(model, p->principal, who, account))
            continue;
        if (p->deny)
            denied |= p->rights;
        else
            granted |= p->rights;
    }
    return granted & ~denied;
}

static struct rights_answer denied(enum rights_verdict verdict, enum right right)
{
    return (struct rights_answer){verdict, right_name(right)};
}

struct rights_answer rights_check_submit(uint32_t rights)
{
    if (rights & RIGHT_SUBMIT)
        return (struct rights_answer){0};
    return denied(RIGHTS_NO_SUBMIT, RIGHT_SUBMIT);
}

static bool in_authoritative_domain(const struct model *model, struct slice address)
{
    struct slice domain = address;
    size_t at;
    while (slice_find(domain, '@', &at)) /* the last one: a quoted local part may hold others */
        domain = slice_after(domain, at + 1);
    const struct accepted_domain *accepted = accepted_domain_of(model, domain);
    return accepted && accepted->domain_type == DOMAIN_AUTHORITATIVE;
}

struct rights_answer rights_check_sender(const struct model *model, uint32_t rights,
                                         const struct mailbox *mailbox, struct slice sender)
{
    if (sender.len == 0 || (mailbox && mailbox_has_address(mailbox, sender)))
        return (struct rights_answer){0};
    if (!(rights & RIGHT_ACCEPT_ANY_SENDER) && mailbox)
        return denied(RIGHTS_SEND_AS_DENIED, RIGHT_ACCEPT_ANY_SENDER);
    if (!(rights & RIGHT_ACCEPT_AUTHORITATIVE_DOMAIN_SENDER) &&
        in_authoritative_domain(model, sender))
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
