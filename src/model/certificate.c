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

enum { DER_MAX = 65536 };

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
    FACT("Status", status, .kind = SETTING_ENUM, .words = statuses, .fallback = "Unknown", .help = "What the last check of its chain and dates found."),
    FACT("Subject", subject, .kind = SETTING_TEXT, .max = 4096, .help = "Whom it names."),
    FACT("Thumbprint", thumbprint, .kind = SETTING_HEX, .min = 20, .max = 20, .help = "SHA-1 of its bytes, by which commands name it."),
    FACT("Sha256", sha256, .kind = SETTING_HEX, .min = 32, .max = 32, .help = "SHA-256 of its bytes."),
    SETTING_ROW(certificate, "FriendlyName", friendly_name, .kind = SETTING_TEXT, .max = 64, .flags = SETTING_NOT_IN_SNAPSHOT, .help = "A name for people."),
    FACT("PrivateKeyExportable", exportable, .kind = SETTING_BOOL, .fallback = "$false", .help = "Whether Export-ExchangeCertificate may give the key away."),
    FACT("SignatureAlgorithm", signature_algorithm, .kind = SETTING_TEXT, .max = 64, .help = "How the issuer signed it."),
    SETTING_ROW(certificate, "X509Version", x509_version, .kind = SETTING_INTEGER, .min = 0, .max = 3, .fallback = "0", .flags = SETTING_READ_ONLY, .help = "3 as a rule; older ones cannot be presented."),
    FACT("Guid", id, .kind = SETTING_UUID, .help = "An id that never changes."),
    FACT("WhenChanged", changed_ms, .kind = SETTING_TIME, .help = "The last change."),
    FACT("WhenCreated", created_ms, .kind = SETTING_TIME, .help = "When it was imported or made."),
    INSIDE("Version", version, 0, .kind = SETTING_INTEGER, .help = "Counts the changes."),
    INSIDE("SubjectDer", subject_der, 0, .kind = SETTING_HEX, .max = 4096, .help = "Subject, canonical."),
    INSIDE("IssuerDer", issuer_der, 0, .kind = SETTING_HEX, .max = 4096, .help = "Issuer, canonical."),
    INSIDE("RawData", der, 0, .kind = SETTING_HEX, .max = DER_MAX, .help = "Its bytes."),
    INSIDE("Chain", chain, 0, .kind = SETTING_HEX_LIST, .max = 16, .help = "Bytes of its issuers, the nearest first."),
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

bool certificate_name_append(struct text *text, const struct certificate *certificate)
{
    return text_append_c(text, "<I>") && text_append(text, certificate->issuer) &&
           text_append_c(text, "<S>") && text_append(text, certificate->subject);
}
