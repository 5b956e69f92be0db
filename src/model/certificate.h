/* SPDX-License-Identifier: Apache-2.0 */
/* certificate - the facts about a certificate, extracted once when it was imported.
 *
 * No library is known here: names are compared as canonical DER bytes, never as text. The private
 * key is a number that only the vault can turn into a key.
 */
#ifndef MODEL_CERTIFICATE_H
#define MODEL_CERTIFICATE_H

#include "model/object.h"

/* Services; None = 0 */
enum certificate_service {
    SERVICE_IMAP = 1,
    SERVICE_POP = 2,
    SERVICE_UM = 4,
    SERVICE_IIS = 8,
    SERVICE_SMTP = 16,
    SERVICE_FEDERATION = 32,
    SERVICE_UM_CALL_ROUTER = 64,
};

enum certificate_key_kind {
    CERTIFICATE_KEY_RSA = 1,
    CERTIFICATE_KEY_RSA_PSS,
    CERTIFICATE_KEY_ECDSA,
    CERTIFICATE_KEY_ED25519,
    CERTIFICATE_KEY_ED448,
    CERTIFICATE_KEY_OTHER
};

/* As found when it was imported or made, dates aside: certificate_status_at judges those. */
enum certificate_status {
    STATUS_VALID = 1,
    STATUS_DATE_INVALID,
    STATUS_INVALID,
    STATUS_PENDING_REQUEST, /* no certificate yet */
    STATUS_REVOCATION_CHECK_FAILURE,
    STATUS_REVOKED,
    STATUS_UNKNOWN,
    STATUS_UNTRUSTED,
};

/* What a client or an administrator should know, found when it was imported; a mask. */
enum certificate_finding {
    FINDING_ISSUER_MISSING = 1, /* the chain ends below its root: see missing_issuer */
    FINDING_UNTRUSTED_ROOT = 2,
    FINDING_BAD_CHAIN = 4, /* a wrong signature, or an issuer that may not issue */
    FINDING_NOT_FOR_SERVERS = 8,
    FINDING_CANNOT_SIGN = 16, /* its key usage lacks digitalSignature */
    FINDING_SHORT_KEY = 32,
    FINDING_WEAK_SIGNATURE = 64,
    FINDING_NO_HOST_NAME = 128,
};

/* What its issuer says of it in the OCSP response we have. */
enum certificate_response {
    RESPONSE_NONE,
    RESPONSE_GOOD,
    RESPONSE_REVOKED,
    RESPONSE_UNKNOWN, /* the responder does not know it */
};

enum certificate_root {
    ROOT_NONE = 1,
    ROOT_REGISTRY,
    ROOT_THIRD_PARTY,
    ROOT_ENTERPRISE,
    ROOT_GROUP_POLICY,
    ROOT_UNKNOWN
};

struct certificate {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;

    struct slice thumbprint;              /* SHA-1, 20 bytes: the identity */
    struct slice sha256;                  /* 32 bytes */
    struct slice subject, issuer;         /* printed as .NET does */
    struct slice subject_der, issuer_der; /* canonical, for comparing */
    struct slice serial_number;           /* bytes */
    int64_t not_before_ms, not_after_ms;
    struct slice_list dns_names; /* DNS names of the SAN, and the CN when it is a name */
    uint32_t key_kind;
    int64_t public_key_bits;
    int64_t x509_version; /* 3 as a rule */
    bool self_signed, has_private_key, exportable;
    uint32_t services; /* mask */
    uint32_t status, root_ca_type;
    uint32_t findings;               /* mask */
    struct slice missing_issuer;     /* printed; with FINDING_ISSUER_MISSING */
    struct slice missing_issuer_der; /* canonical */
    struct slice judged_by;          /* fingerprint of the roots; empty: made here */
    int64_t chain_not_after_ms;      /* when the first of its issuers ends; 0: none */
    struct slice key_identifier;     /* bytes */
    struct slice key_sha256;         /* of its public key: the same in its request */
    struct slice_list addresses;     /* IP addresses of the SAN, printed */
    struct slice_list uses;          /* extended key usages, in words */
    struct slice friendly_name;
    struct slice signature_algorithm;
    struct slice der;            /* the certificate itself */
    struct slice_list chain;     /* DER of the issuers, leaf's issuer first */
    struct slice request_der;    /* PKCS#10 of a pending request */
    bool must_staple;            /* it demands a response in the handshake (RFC 7633) */
    struct slice ocsp_responder; /* "http://ocsp.example/": who is asked for responses */
    uint32_t ocsp_status;        /* enum certificate_response */
    int64_t ocsp_this_update_ms, ocsp_next_update_ms; /* what the response says of its time */
    int64_t revoked_ms;                               /* 0: it is not */
    struct slice revocation_reason;                   /* "keyCompromise" */
    struct slice ocsp_response;                       /* DER, as the issuer signed it */
    int64_t key_handle;                               /* 0: none */
    struct slice key_sealed; /* ciphertext for the vault; not in snapshots */
};

extern const struct setting certificate_settings[];

/* `IP.WS..` of the default table. */
bool certificate_services_mask_append(struct text *text, uint32_t services);
/* `<I>issuer<S>subject`, the value for TlsCertificateName. */
bool certificate_name_append(struct text *text, const struct certificate *certificate);

bool certificate_is_revoked(const struct certificate *certificate);
/* The status at a moment: what was found once, what its issuer says now, and the dates of the
 * certificate and its issuers. */
uint32_t certificate_status_at(const struct certificate *certificate, int64_t at_ms);
const char *certificate_status_word(uint32_t status); /* "DateInvalid" */

enum { CERTIFICATE_FINDINGS = 8 };
/* The index-th possible finding as a sentence; false and nothing appended when it was not made. */
bool certificate_finding_text(const struct certificate *certificate, size_t index,
                              struct text *text);

/* Its subject; the first host name of one that is issued without. */
struct slice certificate_title(const struct certificate *certificate);

#endif
