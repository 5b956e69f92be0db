/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate_facts.h"

#include "base/hex.h"
#include "tls/asn1_time.h"
#include "tls/certificate_fields.h"
#include "tls/certificate_list.h"
#include "tls/der.h"
#include "tls/distinguished_name.h"
#include "tls/host_name.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

enum {
    NAME_TEXT_MAX = 64 * 1024,
    SERIAL_TEXT_MAX = 128,
    OBJECT_ID_TEXT_MAX = 128,
    STATUS_REQUEST = 5, /* the TLS extension (RFC 6066 8) a certificate may demand (RFC 7633) */
    USES_MAX = 32,
    KEY_IDENTIFIER_MAX = 64,
    STRENGTH_BITS_MIN = 112, /* NIST SP 800-57: RSA 2048, SHA-256 */
};

/* clang-format off */
static const struct {
    enum key_kind kind;
    const char *name, *type, *group;
} key_kinds[] = {
    {KEY_RSA,     "RSA",        "RSA",     NULL},
    {KEY_RSA_PSS, "RSA_PSS",    "RSA-PSS", NULL},
    {KEY_P256,    "ECDSA_P256", "EC",      "prime256v1"},
    {KEY_P384,    "ECDSA_P384", "EC",      "secp384r1"},
    {KEY_P521,    "ECDSA_P521", "EC",      "secp521r1"},
    {KEY_ED25519, "ED25519",    "ED25519", NULL},
};

static const struct {
    int nid;
    struct slice name;
} signature_names[] = {
    {NID_md5WithRSAEncryption,     SLICE_INIT("md5RSA")},
    {NID_sha1WithRSAEncryption,    SLICE_INIT("sha1RSA")},
    {NID_sha256WithRSAEncryption,  SLICE_INIT("sha256RSA")},
    {NID_sha384WithRSAEncryption,  SLICE_INIT("sha384RSA")},
    {NID_sha512WithRSAEncryption,  SLICE_INIT("sha512RSA")},
    {NID_rsassaPss,                SLICE_INIT("RSASSA-PSS")},
    {NID_ecdsa_with_SHA1,          SLICE_INIT("sha1ECDSA")},
    {NID_ecdsa_with_SHA256,        SLICE_INIT("sha256ECDSA")},
    {NID_ecdsa_with_SHA384,        SLICE_INIT("sha384ECDSA")},
    {NID_ecdsa_with_SHA512,        SLICE_INIT("sha512ECDSA")},
    {NID_ED25519,                  SLICE_INIT("Ed25519")},
};

static const struct {
    int nid;
    struct slice name;
} use_names[] = {
    {NID_server_auth,          SLICE_INIT("Server Authentication (1.3.6.1.5.5.7.3.1)")},
    {NID_client_auth,          SLICE_INIT("Client Authentication (1.3.6.1.5.5.7.3.2)")},
    {NID_code_sign,            SLICE_INIT("Code Signing (1.3.6.1.5.5.7.3.3)")},
    {NID_email_protect,        SLICE_INIT("Secure Email (1.3.6.1.5.5.7.3.4)")},
    {NID_time_stamp,           SLICE_INIT("Time Stamping (1.3.6.1.5.5.7.3.8)")},
    {NID_OCSP_sign,            SLICE_INIT("OCSP Signing (1.3.6.1.5.5.7.3.9)")},
    {NID_anyExtendedKeyUsage,  SLICE_INIT("Any Purpose (2.5.29.37.0)")},
};
/* clang-format on */

const char *key_kind_name(enum key_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(key_kinds); i++)
        if (key_kinds[i].kind == kind)
            return key_kinds[i].name;
    return "Other";
}

static bool keep(struct arena *arena, const struct text *text, struct slice *out)
{
    return arena_copy(arena, text_slice(text), out);
}

/* 0, CERTIFICATE_DAMAGED or -ENOMEM, as the function over a name says. */
static int keep_name(struct arena *arena, bool (*convert)(struct slice der, struct text *out),
                     struct slice der, struct slice *out)
{
    CLEANUP(text_deinit) struct text text = text_with_ceiling(NAME_TEXT_MAX);
    if (!convert(der, &text))
        return CERTIFICATE_DAMAGED;
    return keep(arena, &text, out) ? CERTIFICATE_OK : -ENOMEM;
}

static int read_names(const struct certificate_fields *fields, struct arena *arena,
                      struct certificate_facts *facts)
{
    int result = keep_name(arena, distinguished_name_print, fields->subject, &facts->subject);
    if (!result)
        result = keep_name(arena, distinguished_name_print, fields->issuer, &facts->issuer);
    if (!result)
        result = keep_name(arena, distinguished_name_canonical, fields->subject,
                           &facts->subject_canonical);
    if (!result)
        result = keep_name(arena, distinguished_name_canonical, fields->issuer,
                           &facts->issuer_canonical);
    return result;
}

static bool read_serial(struct slice serial, struct arena *arena, struct certificate_facts *facts)
{
    char storage[SERIAL_TEXT_MAX];
    struct text text = text_over(storage, sizeof storage);
    return hex_append_upper(&text, slice_first(serial, SERIAL_TEXT_MAX / 2)) &&
           keep(arena, &text, &facts->serial);
}

static void read_key(X509 *certificate, struct certificate_facts *facts)
{
    char group[64] = "";
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (!key)
        return;
    facts->key_bits = EVP_PKEY_get_bits(key);
    EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
    for (size_t i = 0; i < COUNT_OF(key_kinds); i++)
        if (EVP_PKEY_is_a(key, key_kinds[i].type) &&
            (!key_kinds[i].group || strcmp(key_kinds[i].group, group) == 0))
            facts->key_kind = key_kinds[i].kind;
}

static struct slice signature_name(const X509 *certificate)
{
    int nid = X509_get_signature_nid(certificate);
    for (size_t i = 0; i < COUNT_OF(signature_names); i++)
        if (signature_names[i].nid == nid)
            return signature_names[i].name;
    const char *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);
    return slice_of(name ? name : "unknown");
}

static void free_features(TLS_FEATURE **features)
{
    TLS_FEATURE_free(*features);
}

static bool demands_staple(const X509 *certificate)
{
    CLEANUP(free_features)
    TLS_FEATURE *features = X509_get_ext_d2i(certificate, NID_tlsfeature, NULL, NULL);
    for (int i = 0; features && i < sk_ASN1_INTEGER_num(features); i++)
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == STATUS_REQUEST)
            return true;
    return false;
}

static void read_uses(X509 *certificate, struct certificate_facts *facts)
{
    uint32_t usage = X509_get_extended_key_usage(certificate); /* all bits set: there is none */
    facts->server_auth = (usage & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
    facts->can_sign = (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;
    facts->is_ca = X509_check_ca(certificate) == 1;
    facts->self_signed = X509_self_signed(certificate, 1) == 1;
    facts->must_staple = demands_staple(certificate);
}

/* Behind read_key and read_uses. What a self-signed certificate is signed with proves nothing. */
static void read_strength(X509 *certificate, struct certificate_facts *facts)
{
    int bits = STRENGTH_BITS_MIN;
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    facts->short_key = key && EVP_PKEY_get_security_bits(key) < STRENGTH_BITS_MIN;
    facts->weak_digest = !facts->self_signed &&
                         X509_get_signature_info(certificate, NULL, NULL, &bits, NULL) == 1 &&
                         bits < STRENGTH_BITS_MIN;
}

static bool keep_use(const ASN1_OBJECT *use, struct arena *arena, struct slice *out)
{
    char dotted[OBJECT_ID_TEXT_MAX];
    for (size_t i = 0; i < COUNT_OF(use_names); i++)
        if (use_names[i].nid == OBJ_obj2nid(use)) {
            *out = use_names[i].name;
            return true;
        }
    OBJ_obj2txt(dotted, sizeof dotted, use, 1);
    return arena_copy(arena, slice_of(dotted), out);
}

static void free_uses(EXTENDED_KEY_USAGE **uses)
{
    EXTENDED_KEY_USAGE_free(*uses);
}

static bool read_use_names(X509 *certificate, struct arena *arena, struct certificate_facts *facts)
{
    CLEANUP(free_uses)
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    int count = uses ? sk_ASN1_OBJECT_num(uses) : 0;
    facts->uses = arena_take_array(arena, USES_MAX, sizeof *facts->uses);
    bool good = facts->uses != NULL;
    for (int i = 0; good && i < count && facts->use_count < USES_MAX; i++)
        good = keep_use(sk_ASN1_OBJECT_value(uses, i), arena, &facts->uses[facts->use_count++]);
    return good;
}

static bool read_key_identifier(X509 *certificate, struct arena *arena,
                                struct certificate_facts *facts)
{
    const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
    if (!identifier)
        return true;
    struct slice bytes =
        slice_bytes(ASN1_STRING_get0_data(identifier), (size_t)ASN1_STRING_length(identifier));
    return arena_copy(arena, slice_first(bytes, KEY_IDENTIFIER_MAX), &facts->key_identifier);
}

static void free_locations(STACK_OF(OPENSSL_STRING) * *locations)
{
    X509_email_free(*locations);
}

static bool is_location(struct slice written)
{
    for (size_t i = 0; i < written.len; i++)
        if (written.at[i] <= ' ' || written.at[i] > '~')
            return false;
    return written.len <= OCSP_LOCATION_MAX && slice_starts_nocase(written, SLICE("http://"));
}

/* RFC 6960 3.1. Not by https: whether that server is what it says would be the next question. */
static bool read_responder(X509 *certificate, struct arena *arena, struct certificate_facts *facts)
{
    CLEANUP(free_locations)
    STACK_OF(OPENSSL_STRING) *locations = X509_get1_ocsp(certificate);
    for (int i = 0; locations && i < sk_OPENSSL_STRING_num(locations); i++) {
        struct slice location = slice_of(sk_OPENSSL_STRING_value(locations, i));
        if (is_location(location))
            return arena_copy(arena, location, &facts->ocsp_responder);
    }
    return true;
}

static bool read_hashes(const X509 *certificate, struct slice spki, struct certificate_facts *facts)
{
    unsigned len;
    return X509_digest(certificate, EVP_sha1(), facts->thumbprint, &len) == 1 &&
           X509_digest(certificate, EVP_sha256(), facts->sha256, &len) == 1 &&
           EVP_Digest(spki.at, spki.len, facts->spki_sha256, &len, EVP_sha256(), NULL) == 1;
}

static int add_dns_name(struct slice name, struct arena *arena, struct certificate_facts *facts)
{
    CLEANUP(text_deinit) struct text lower = text_with_ceiling(NAME_TEXT_MAX);
    if (!host_name_ok(name, true) || facts->dns_name_count == CERTIFICATE_NAMES_MAX) {
        facts->names_dropped = true;
        return 0;
    }
    if (!text_append_lower(&lower, name) ||
        !keep(arena, &lower, &facts->dns_names[facts->dns_name_count]))
        return -ENOMEM;
    facts->dns_name_count++;
    return 0;
}

static void add_ip_name(struct slice bytes, struct certificate_facts *facts)
{
    struct ip_address address = {{0}};
    if ((bytes.len != 4 && bytes.len != 16) || facts->ip_name_count == CERTIFICATE_NAMES_MAX) {
        facts->names_dropped = true;
        return;
    }
    if (bytes.len == 4)
        address = ip_from_v4((const uint8_t *)bytes.at);
    else
        memcpy(address.bytes, bytes.at, sizeof address.bytes);
    facts->ip_names[facts->ip_name_count++] = address;
}

static struct slice string_bytes(const ASN1_STRING *string)
{
    return slice_bytes(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

static int add_general_names(const GENERAL_NAMES *names, struct arena *arena,
                             struct certificate_facts *facts)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int kind;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);
        if (kind == GEN_IPADD)
            add_ip_name(string_bytes(value), facts);
        else if (kind == GEN_DNS && add_dns_name(string_bytes(value), arena, facts) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* The last, most specific CN of the canonical subject, which is in lower case. */
static struct slice common_name(struct slice canonical)
{
    struct slice rdns, set, pair, object_id, value, name = {0};
    if (!der_take_tag(&canonical, DER_SEQUENCE, &rdns))
        return name;
    while (der_take_tag(&rdns, DER_SET, &set))
        while (der_take_tag(&set, DER_SEQUENCE, &pair))
            if (der_take_tag(&pair, DER_OBJECT_ID, &object_id) &&
                slice_equal(object_id, SLICE("\x55\x04\x03")) &&
                der_take_tag(&pair, DER_UTF8_STRING, &value))
                name = value;
    return name;
}

static bool has_dns(const GENERAL_NAMES *names)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        if (sk_GENERAL_NAME_value(names, i)->type == GEN_DNS)
            return true;
    return false;
}

static void free_general_names(GENERAL_NAMES **names)
{
    GENERAL_NAMES_free(*names);
}

static int read_alternative_names(X509 *certificate, struct arena *arena,
                                  struct certificate_facts *facts)
{
    int critical; /* -1: there is none; else NULL means unreadable, or twice */
    CLEANUP(free_general_names)
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    if (!names && critical != -1)
        return CERTIFICATE_DAMAGED;
    int count = names ? sk_GENERAL_NAME_num(names) : 0;
    size_t room = count < CERTIFICATE_NAMES_MAX ? (size_t)count + 1 : CERTIFICATE_NAMES_MAX;
    facts->dns_names = arena_take_array(arena, room, sizeof *facts->dns_names);
    facts->ip_names = arena_take_array(arena, room, sizeof *facts->ip_names);
    if (!facts->dns_names || !facts->ip_names || add_general_names(names, arena, facts) < 0)
        return -ENOMEM;
    struct slice name = common_name(facts->subject_canonical);
    return !has_dns(names) && host_name_ok(name, true) ? add_dns_name(name, arena, facts) : 0;
}

static bool note_end(X509 *issuer, struct certificate_facts *facts)
{
    int64_t end_ms;
    if (!asn1_time_ms(X509_get0_notAfter(issuer), &end_ms))
        return false;
    if (!facts->chain_not_after_ms || end_ms < facts->chain_not_after_ms)
        facts->chain_not_after_ms = end_ms;
    return true;
}

static bool read_chain(X509 *leaf, const struct slice *chain, size_t count,
                       struct certificate_facts *facts)
{
    CLEANUP(certificate_list_free) STACK_OF(X509) *list = certificate_list_from_der(chain, count);
    X509 *below = leaf;
    for (size_t i = 0; list && i < count; i++) {
        X509 *issuer = sk_X509_value(list, (int)i);
        if (!certificate_issued_by(below, issuer) || !note_end(issuer, facts))
            return false;
        below = issuer;
    }
    return list != NULL;
}

static int read_all(X509 *certificate, struct slice leaf, struct arena *arena,
                    struct certificate_facts *facts)
{
    struct certificate_fields fields;
    if (!certificate_fields_read(leaf, &fields) || !read_hashes(certificate, fields.spki, facts) ||
        !asn1_time_ms(X509_get0_notBefore(certificate), &facts->not_before_ms) ||
        !asn1_time_ms(X509_get0_notAfter(certificate), &facts->not_after_ms))
        return CERTIFICATE_DAMAGED;
    facts->version = fields.version;
    facts->signature_algorithm = signature_name(certificate);
    read_key(certificate, facts);
    read_uses(certificate, facts);
    read_strength(certificate, facts);
    int result = read_names(&fields, arena, facts);
    if (result)
        return result;
    if (!read_serial(fields.serial, arena, facts) || !read_use_names(certificate, arena, facts) ||
        !read_key_identifier(certificate, arena, facts) ||
        !read_responder(certificate, arena, facts) || !arena_copy(arena, fields.spki, &facts->spki))
        return -ENOMEM;
    return read_alternative_names(certificate, arena, facts);
}

int certificate_facts_read(struct slice leaf, const struct slice *chain, size_t chain_count,
                           struct arena *arena, struct certificate_facts *out_facts)
{
    *out_facts = (struct certificate_facts){0};
    if (leaf.len > CERTIFICATE_BYTES_MAX)
        return CERTIFICATE_TOO_LARGE;
    CLEANUP(certificate_free) X509 *certificate = certificate_from_der(leaf);
    if (!certificate)
        return CERTIFICATE_DAMAGED;
    int result = read_all(certificate, leaf, arena, out_facts);
    out_facts->chain_count = chain_count;
    out_facts->chain_in_order = read_chain(certificate, chain, chain_count, out_facts);
    ERR_clear_error();
    return result;
}
