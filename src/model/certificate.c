/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate.h"

/* clang-format off */
static const struct setting_word services[] = { /* in the order in which they are printed */
    {"None", 0}, {"IMAP", SERVICE_IMAP}, {"POP", SERVICE_POP}, {"UM", SERVICE_UM}, {"IIS", SERVICE_IIS}, {"SMTP", SERVICE_SMTP},
    {"Federation", SERVICE_FEDERATION}, {"UMCallRouter", SERVICE_UM_CALL_ROUTER}, {0},
};
static const struct setting_word key_kinds[] = {
    {"RSA", CERTIFICATE_KEY_RSA}, {"RSA-PSS", CERTIFICATE_KEY_RSA_PSS}, {"ECDSA", CERTIFICATE_KEY_ECDSA}, {"Ed25519", CERTIFICATE_KEY_ED25519}, {"Ed448", CERTIFICATE_KEY_ED448}, {"Other", CERTIFICATE_KEY_OTHER}, {0},
};
static const struct setting_word statuses[] = {
    {"Valid", STATUS_VALID}, {"DateInvalid", STATUS_DATE_INVALID}, {"Invalid", STATUS_INVALID}, {"PendingRequest", STATUS_PENDING_REQUEST},
    {"RevocationCheckFailure", STATUS_REVOCATION_CHECK_FAILURE}, {"Revoked", STATUS_REVOKED}, {"Unknown", STATUS_UNKNOWN},
    {"Untrusted", STATUS_UNTRUSTED}, {0},
};
static const struct setting_word roots[] = {
    {"None", ROOT_NONE}, {"Registry", ROOT_REGISTRY}, {"ThirdParty", ROOT_THIRD_PARTY}, {"Enterprise", ROOT_ENTERPRISE},
    {"GroupPolicy", ROOT_GROUP_POLICY}, {"Unknown", ROOT_UNKNOWN}, {0},
};

static const struct setting_word responses[] = {
    {"None", RESPONSE_NONE}, {"Good", RESPONSE_GOOD}, {"Revoked", RESPONSE_REVOKED}, {"Unknown", RESPONSE_UNKNOWN}, {0},
};
static const struct setting_word findings[] = {
    {"None", 0}, {"IssuerMissing", FINDING_ISSUER_MISSING}, {"UntrustedRoot", FINDING_UNTRUSTED_ROOT}, {"BadChain", FINDING_BAD_CHAIN},
    {"NotForServers", FINDING_NOT_FOR_SERVERS}, {"CannotSign", FINDING_CANNOT_SIGN}, {"ShortKey", FINDING_SHORT_KEY},
    {"WeakSignature", FINDING_WEAK_SIGNATURE}, {"NoHostName", FINDING_NO_HOST_NAME}, {0},
};

enum { DER_MAX = 65536, RESPONSE_MAX = 16384 };

#define FACT(written, member, ...) SETTING_ROW(certificate, written, member, .flags = SETTING_READ_ONLY, __VA_ARGS__)
#define INSIDE(written, member, more, ...) SETTING_ROW(certificate, written, member, .flags = SETTING_READ_ONLY | SETTING_HIDDEN | (more), __VA_ARGS__)

const struct setting certificate_settings[] = {
    FACT("CertificateDomains", dns_names, .kind = SETTING_TEXT_LIST, .help = "The host names the certificate is good for."),
    FACT("HasPrivateKey", has_private_key, .kind = SETTING_BOOL, .fallback = "$false", .help = "Without its private key a certificate cannot be presented."),
    FACT("IsSelfSigned", self_signed, .kind = SETTING_BOOL, .fallback = "$false", .help = "Issued by itself, not by an authority."),
    FACT("Issuer", issuer, .kind = SETTING_TEXT, .max = 4096, .help = "Who issued it."),
    FACT("NotAfter", not_after_ms, .kind = SETTING_TIME, .help = "The last moment it is valid."),
    FACT("NotBefore", not_before_ms, .kind = SETTING_TIME, .help = "The first moment it is valid."),
    FACT("PublicKeySize", public_key_bits, .kind = SETTING_INTEGER, .min = 0, .max = 65536, .fallback = "0", .help = "Bits of its key."),
    FACT("PublicKeyType", key_kind, .kind = SETTING_ENUM, .words = key_kinds, .fallback = "Other", .help = "Algorithm of its key."),
    FACT("RootCAType", root_ca_type, .kind = SETTING_ENUM, .words = roots, .fallback = "Unknown", .help = "What kind of authority its chain ends at."),
    FACT("SerialNumber", serial_number, .kind = SETTING_HEX, .max = 64, .help = "Its number at the issuer."),
    SETTING_ROW(certificate, "Services", services, .kind = SETTING_FLAGS, .words = services, .fallback = "None", .help = "What it may be used for; SMTP to be presented by connectors."),
    FACT("Status", status, .kind = SETTING_ENUM, .words = statuses, .fallback = "Unknown", .help = "What was found when it was imported or made, and what its dates say now."),
    FACT("Subject", subject, .kind = SETTING_TEXT, .max = 4096, .help = "Whom it names."),
    FACT("Thumbprint", thumbprint, .kind = SETTING_HEX, .min = 20, .max = 20, .help = "SHA-1 of its bytes, by which commands name it."),
    FACT("Sha256", sha256, .kind = SETTING_HEX, .min = 32, .max = 32, .help = "SHA-256 of its bytes."),
    SETTING_ROW(certificate, "FriendlyName", friendly_name, .kind = SETTING_TEXT, .max = 64, .flags = SETTING_NOT_IN_SNAPSHOT, .help = "A name for people."),
    FACT("PrivateKeyExportable", exportable, .kind = SETTING_BOOL, .fallback = "$false", .help = "Whether Export-ExchangeCertificate may give the key away."),
    FACT("SignatureAlgorithm", signature_algorithm, .kind = SETTING_TEXT, .max = 64, .help = "How the issuer signed it."),
    SETTING_ROW(certificate, "X509Version", x509_version, .kind = SETTING_INTEGER, .min = 0, .max = 3, .fallback = "0", .flags = SETTING_READ_ONLY, .help = "3 as a rule; older ones cannot be presented."),
    SETTING_ROW(certificate, "Findings", findings, .kind = SETTING_FLAGS, .words = findings, .fallback = "None", .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "What was found wrong or weak with it and its chain."),
    SETTING_ROW(certificate, "MissingIssuer", missing_issuer, .kind = SETTING_TEXT, .max = 4096, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "Whose certificate its chain lacks."),
    SETTING_ROW(certificate, "KeyIdentifier", key_identifier, .kind = SETTING_HEX, .max = 64, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "How its issuer calls its key."),
    SETTING_ROW(certificate, "EnhancedKeyUsageList", uses, .kind = SETTING_TEXT_LIST, .max = 32, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "What it may be used for; empty: for anything."),
    SETTING_ROW(certificate, "IPAddresses", addresses, .kind = SETTING_TEXT_LIST, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "The addresses it is good for, for clients that connect by address."),
    SETTING_ROW(certificate, "MustStaple", must_staple, .kind = SETTING_BOOL, .fallback = "$false", .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "It demands an OCSP response in the handshake: clients that heed this refuse it without one."),
    SETTING_ROW(certificate, "OcspResponder", ocsp_responder, .kind = SETTING_TEXT, .max = 1024, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "Where its issuer says what it thinks of it now (OCSP)."),
    FACT("OcspStatus", ocsp_status, .kind = SETTING_ENUM, .words = responses, .fallback = "None", .help = "What its issuer says of it in the OCSP response that was fetched or imported."),
    SETTING_ROW(certificate, "OcspThisUpdate", ocsp_this_update_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "When that response was true."),
    FACT("OcspNextUpdate", ocsp_next_update_ms, .kind = SETTING_TIME, .help = "When that response ends: from then on it is not stapled."),
    SETTING_ROW(certificate, "RevocationTime", revoked_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "When it was revoked."),
    SETTING_ROW(certificate, "RevocationReason", revocation_reason, .kind = SETTING_TEXT, .max = 64, .flags = SETTING_READ_ONLY | SETTING_NOT_IN_SNAPSHOT, .help = "Why, in the words of RFC 5280."),
    FACT("Guid", id, .kind = SETTING_UUID, .help = "An id that never changes."),
    FACT("WhenChanged", changed_ms, .kind = SETTING_TIME, .help = "The last change."),
    FACT("WhenCreated", created_ms, .kind = SETTING_TIME, .help = "When it was imported or made."),
    INSIDE("Version", version, 0, .kind = SETTING_INTEGER, .help = "Counts the changes."),
    INSIDE("SubjectDer", subject_der, 0, .kind = SETTING_HEX, .max = 4096, .help = "Subject, canonical."),
    INSIDE("IssuerDer", issuer_der, 0, .kind = SETTING_HEX, .max = 4096, .help = "Issuer, canonical."),
    INSIDE("MissingIssuerDer", missing_issuer_der, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_HEX, .max = 4096, .help = "The missing issuer, canonical."),
    INSIDE("JudgedBy", judged_by, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_HEX, .max = 32, .help = "By which roots its chain was judged."),
    INSIDE("ChainNotAfter", chain_not_after_ms, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_TIME, .help = "When the first of its issuers ends."),
    INSIDE("KeySha256", key_sha256, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_HEX, .max = 32, .help = "SHA-256 of its public key."),
    INSIDE("RawData", der, 0, .kind = SETTING_HEX, .max = DER_MAX, .help = "Its bytes."),
    INSIDE("Chain", chain, 0, .kind = SETTING_HEX_LIST, .max = 16, .help = "Bytes of its issuers, the nearest first."),
    INSIDE("OcspResponse", ocsp_response, 0, .kind = SETTING_HEX, .max = RESPONSE_MAX, .help = "The response, for clients that ask for it."),
    INSIDE("KeyHandle", key_handle, 0, .kind = SETTING_INTEGER, .min = 0, .max = INT64_MAX, .fallback = "0", .help = "Number of its key at the vault."),
    INSIDE("CertificateRequest", request_der, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_HEX, .max = DER_MAX, .help = "The request it was asked for with."),
    INSIDE("KeySealed", key_sealed, SETTING_NOT_IN_SNAPSHOT, .kind = SETTING_HEX, .max = DER_MAX, .help = "Its key, for the vault only."),
    {0},
};
/* clang-format on */

bool certificate_services_mask_append(struct text *text, uint32_t mask)
{
    static const char letters[] = "IPUWSFC";
    for (size_t i = 0; i < sizeof letters - 1; i++)
        if (!text_append_byte(text, mask >> i & 1 ? letters[i] : '.'))
            return false;
    return true;
}

const char *certificate_status_word(uint32_t status)
{
    for (const struct setting_word *row = statuses; row->word; row++)
        if (row->value == status)
            return row->word;
    return "Unknown";
}

bool certificate_name_append(struct text *text, const struct certificate *certificate)
{
    return text_append_c(text, "<I>") && text_append(text, certificate->issuer) &&
           text_append_c(text, "<S>") && text_append(text, certificate->subject);
}

struct slice certificate_title(const struct certificate *certificate)
{
    return certificate->subject.len || !certificate->dns_names.count ? certificate->subject
                                                                     : certificate->dns_names.at[0];
}
