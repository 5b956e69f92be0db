/* SPDX-License-Identifier: Apache-2.0 */
/* The words for rules and reasons, and the commands that mend what they complain of. */
#include "base/calendar.h"
#include "base/hex.h"
#include "base/quoted.h"
#include "model/certificate_choice.h"
#include "settings/kind.h"

enum {
    DATE_BYTES = 10,       /* of an RFC 3339 time */
    NAME_MAX_BYTES = 2048, /* of TlsCertificateName */
};

static const struct {
    const char *code, *text;
} rules[] = {
    [CERTIFICATE_RULE_NO_TLS] = {"NO_TLS", "AuthMechanism lacks Tls"},
    [CERTIFICATE_RULE_PINNED_THUMBPRINT] = {"PINNED_THUMBPRINT", "rule 2: pinned by thumbprint "},
    [CERTIFICATE_RULE_NAMED_CERTIFICATE] = {"NAMED_CERTIFICATE", "rule 3: bound by name "},
    [CERTIFICATE_RULE_CONNECTOR_FQDN] = {"CONNECTOR_FQDN", "rule 4: by the connector's Fqdn "},
    [CERTIFICATE_RULE_SERVER_FQDN] = {"SERVER_FQDN", "rule 5: by the server's name "},
    [CERTIFICATE_RULE_SERVER_NAME] = {"SERVER_NAME", "rule 6: the client asks for "},
};

const char *certificate_rule_code(enum certificate_rule rule)
{
    return rules[rule].code;
}

bool certificate_rule_text(const struct certificate_choice *choice, struct text *text)
{
    if (choice->named_missing &&
        !text_append_c(text, "no usable certificate bears the name in TlsCertificateName; "))
        return false;
    return text_append_c(text, rules[choice->rule].text) && text_append(text, choice->key);
}

static bool append_date(struct text *text, int64_t at_ms)
{
    char storage[40];
    struct text date = text_over(storage, sizeof storage);
    return calendar_append_rfc3339(&date, at_ms) &&
           text_append(text, slice_first(text_slice(&date), DATE_BYTES));
}

static bool append_thumbprint(struct text *text, const struct certificate *certificate)
{
    return hex_append_upper(text, certificate->thumbprint);
}

/* --- commands --- */

static bool append_set_connector(const struct certificate_question *question, const char *parameter,
                                 struct text *text)
{
    return text_append_c(text, "Set-ReceiveConnector ") &&
           quoted_append(text, question->connector->identity) && text_append_c(text, parameter);
}

typedef bool mend_fn(const struct certificate_question *question,
                     const struct certificate *certificate, struct text *text);

static bool mend_service(const struct certificate_question *question,
                         const struct certificate *certificate, struct text *text)
{
    (void)question;
    return text_append_c(text, "Enable-ExchangeCertificate -Thumbprint ") &&
           append_thumbprint(text, certificate) && text_append_c(text, " -Services SMTP");
}

/* Whether it would be the answer if the connector were bound to it, by its name or its thumbprint.
 */
static bool would_present(const struct certificate_question *question,
                          const struct certificate *certificate, bool by_name)
{
    struct receive_connector bound = *question->connector;
    struct certificate_question asked = *question;
    struct certificate_choice choice;
    bound.tls_certificate_name = SLICE("<I><S>"); /* set; what it means stands in the next three */
    bound.tls_issuer_der = by_name ? certificate->issuer_der : SLICE("");
    bound.tls_subject_der = by_name ? certificate->subject_der : SLICE("");
    bound.tls_thumbprint = by_name ? SLICE("") : certificate->thumbprint;
    asked.connector = &bound;
    certificate_choose(&asked, &choice);
    return choice.certificate == certificate;
}

static bool mend_by_pin(const struct certificate_question *question,
                        const struct certificate *certificate, struct text *text)
{
    return would_present(question, certificate, false) &&
           append_set_connector(question, " -TlsCertificateName ", text) &&
           append_thumbprint(text, certificate);
}

/* Not every name can be typed: it may hold what a terminal would eat, or a tag. */
static bool can_be_written(const struct certificate *certificate, struct slice name)
{
    size_t tags = 0;
    for (size_t i = 0; i + 2 < name.len; i++)
        tags += slice_starts_nocase(slice_after(name, i), SLICE("<S>"));
    return certificate->issuer.len && tags == 1 && name.len <= NAME_MAX_BYTES &&
           text_is_printable(name);
}

/* By its name it follows renewals. */
static bool mend_by_name(const struct certificate_question *question,
                         const struct certificate *certificate, struct text *text)
{
    CLEANUP(text_deinit) struct text name = text_with_ceiling(16384);
    if (!(certificate->services & SERVICE_SMTP)) /* an authority, or meant for something else */
        return false;
    if (!certificate_name_append(&name, certificate) ||
        !can_be_written(certificate, text_slice(&name)) ||
        !would_present(question, certificate, true))
        return mend_by_pin(question, certificate, text);
    return append_set_connector(question, " -TlsCertificateName ", text) &&
           quoted_append(text, text_slice(&name));
}

static bool mend_key(const struct certificate_question *question,
                     const struct certificate *certificate, struct text *text)
{
    (void)question, (void)certificate;
    return text_append_c(text, "Import-ExchangeCertificate -FileData "
                               "([System.IO.File]::ReadAllBytes('certificate.pfx')) "
                               "-Password (Get-Credential).password");
}

static bool mend_request(const struct certificate_question *question,
                         const struct certificate *certificate, struct text *text)
{
    (void)question, (void)certificate;
    return text_append_c(text, "Import-ExchangeCertificate -FileData "
                               "([System.IO.File]::ReadAllBytes('certificate.p7b'))");
}

bool certificate_renewal_command(const struct certificate *certificate, struct text *text)
{
    return text_append_c(text, "New-ExchangeCertificate -Thumbprint ") &&
           append_thumbprint(text, certificate) &&
           (certificate->self_signed || text_append_c(text, " -GenerateRequest"));
}

static bool mend_renewal(const struct certificate_question *question,
                         const struct certificate *certificate, struct text *text)
{
    (void)question;
    return certificate_renewal_command(certificate, text);
}

static bool mend_tls(const struct certificate_question *question,
                     const struct certificate *certificate, struct text *text)
{
    (void)certificate;
    return append_set_connector(question, " -AuthMechanism @{Add='Tls'}", text);
}

/* --- reasons --- */

enum date { DATE_NONE, DATE_FROM, DATE_UNTIL, DATE_REVOKED };

static const struct reason {
    const char *code, *text;
    enum date date;
    mend_fn *mend;
} reasons[] = {
    [CERTIFICATE_CHOSEN] = {"CHOSEN", "is presented", DATE_UNTIL, NULL},
    [CERTIFICATE_NOT_ASKED] = {"NOT_ASKED", "the connector does not want TLS", DATE_NONE, mend_tls},
    [CERTIFICATE_THUMBPRINT_DIFFERS] = {"THUMBPRINT_DIFFERS", "another thumbprint is pinned",
                                        DATE_NONE, mend_by_name},
    [CERTIFICATE_NAME_MISMATCH] = {"NAME_MISMATCH", "its name is not the one that is searched",
                                   DATE_NONE, mend_by_name},
    [CERTIFICATE_PENDING_REQUEST] = {"PENDING_REQUEST", "is a request still without certificate",
                                     DATE_NONE, mend_request},
    [CERTIFICATE_NOT_V3] = {"NOT_V3", "is no X.509 version 3 certificate", DATE_NONE, NULL},
    [CERTIFICATE_NO_PRIVATE_KEY] = {"NO_PRIVATE_KEY", "matches, but its private key is missing",
                                    DATE_NONE, mend_key},
    [CERTIFICATE_SERVICE_NOT_ENABLED] = {"SERVICE_NOT_ENABLED",
                                         "matches, but the SMTP service is not enabled", DATE_NONE,
                                         mend_service},
    [CERTIFICATE_REVOKED] = {"REVOKED", "matches, but was revoked", DATE_REVOKED, mend_renewal},
    [CERTIFICATE_KEY_NOT_VERIFIABLE] = {"KEY_NOT_VERIFIABLE",
                                        "matches, but the client cannot verify its kind of key",
                                        DATE_NONE, NULL},
    [CERTIFICATE_EXPIRED] = {"EXPIRED", "matches, but is expired", DATE_UNTIL, mend_renewal},
    [CERTIFICATE_NOT_YET_VALID] = {"NOT_YET_VALID", "matches, but is not valid yet", DATE_FROM,
                                   NULL},
    [CERTIFICATE_SELF_SIGNED_AFTER_ISSUED] = {"SELF_SIGNED_AFTER_ISSUED",
                                              "self-signed; one issued by an authority goes first",
                                              DATE_NONE, mend_by_name},
    [CERTIFICATE_WILDCARD_AFTER_EXACT] = {"WILDCARD_AFTER_EXACT",
                                          "matches by a wildcard; the name written out goes first",
                                          DATE_NONE, mend_by_name},
    [CERTIFICATE_OLDER_SAME_NAME] = {"OLDER_SAME_NAME", "same name, older", DATE_FROM, mend_by_pin},
    [CERTIFICATE_EARLIER_EXPIRY] = {"EARLIER_EXPIRY", "same name and age, ends earlier", DATE_UNTIL,
                                    mend_by_pin},
    [CERTIFICATE_LOWER_THUMBPRINT] = {"LOWER_THUMBPRINT",
                                      "equal in all; the greater thumbprint goes first", DATE_NONE,
                                      mend_by_pin},
};

const char *certificate_reason_code(enum certificate_reason reason)
{
    return reasons[reason].code;
}

bool certificate_reason_text(const struct certificate_question *question,
                             const struct certificate_choice *choice,
                             const struct certificate_candidate *candidate, struct text *text)
{
    const struct reason *reason = &reasons[candidate->reason];
    const struct certificate *certificate = candidate->certificate;
    bool tied_to_name = candidate->reason == CERTIFICATE_NAME_MISMATCH;
    if (!text_append_c(text, reason->text))
        return false;
    if (tied_to_name && !(text_append_c(text, ": ") && text_append(text, choice->key)))
        return false;
    if (candidate->reason == CERTIFICATE_CHOSEN && question->at_ms > certificate->not_after_ms &&
        !text_append_c(text, " though expired"))
        return false;
    switch (reason->date) {
    case DATE_FROM:
        return text_append_c(text, " (valid from ") &&
               append_date(text, certificate->not_before_ms) && text_append_byte(text, ')');
    case DATE_UNTIL:
        return text_append_c(text, " (valid until ") &&
               append_date(text, certificate->not_after_ms) && text_append_byte(text, ')');
    case DATE_REVOKED:
        return !certificate->revoked_ms ||
               (text_append_c(text, " (on ") && append_date(text, certificate->revoked_ms) &&
                text_append_c(text, ": ") && text_append(text, certificate->revocation_reason) &&
                text_append_byte(text, ')'));
    case DATE_NONE:
        break;
    }
    return true;
}

bool certificate_mending_command(const struct certificate_question *question,
                                 const struct certificate_candidate *candidate, struct text *text)
{
    mend_fn *mend = reasons[candidate->reason].mend;
    return mend && mend(question, candidate->certificate, text);
}
