/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/make.h"

#include "base/ip.h"
#include "tls/certificate_list.h"
#include "tls/host_name.h"
#include "tls/signer.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { SERIAL_BYTES = 16, HOUR_S = 3600, CERTIFICATE_V3 = 2, REQUEST_V1 = 0 };

/* clang-format off */
static const struct key_making {
    enum make_key key;
    const char *type, *curve;
    size_t bits;
    const char *digest; /* NULL: the scheme has its own */
} key_makings[] = {
    {MAKE_KEY_P256,     "EC",      "P-256", 0,    "SHA256"},
    {MAKE_KEY_P384,     "EC",      "P-384", 0,    "SHA384"},
    {MAKE_KEY_RSA_2048, "RSA",     NULL,    2048, "SHA256"},
    {MAKE_KEY_RSA_3072, "RSA",     NULL,    3072, "SHA256"},
    {MAKE_KEY_RSA_4096, "RSA",     NULL,    4096, "SHA256"},
    {MAKE_KEY_ED25519,  "ED25519", NULL,    0,    NULL},
};

struct extension {
    int nid;
    const char *value; /* fixed text only: nothing an administrator wrote is ever parsed here */
};
static const struct extension server_extensions[] = {
    {NID_basic_constraints,        "critical,CA:FALSE"},
    {NID_key_usage,                "critical,digitalSignature,keyEncipherment"},
    {NID_ext_key_usage,            "serverAuth,clientAuth"},
    {NID_subject_key_identifier,   "hash"},
    {NID_authority_key_identifier, "keyid"},
};
static const struct extension authority_extensions[] = {
    {NID_basic_constraints,      "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage,              "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
};
/* clang-format on */

struct issuer { /* whose name and key sign */
    X509 *certificate;
    EVP_PKEY *key;
};

static const struct key_making *making_of(enum make_key key)
{
    for (size_t i = 0; i < COUNT_OF(key_makings); i++)
        if (key_makings[i].key == key)
            return &key_makings[i];
    return NULL;
}

static EVP_PKEY *new_key(enum make_key key)
{
    const struct key_making *making = making_of(key);
    if (!making)
        return NULL;
    if (making->curve)
        return EVP_PKEY_Q_keygen(NULL, NULL, making->type, making->curve);
    if (making->bits)
        return EVP_PKEY_Q_keygen(NULL, NULL, making->type, making->bits);
    return EVP_PKEY_Q_keygen(NULL, NULL, making->type);
}

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "ED25519"))
        return NULL;
    return EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

static bool settings_ok(const struct make_settings *settings)
{
    struct ip_address address;
    if ((!settings->common_name.len && !settings->subject.len) || settings->days < 1 ||
        settings->days > MAKE_DAYS_MAX || settings->name_count > MAKE_NAMES_MAX ||
        !making_of(settings->key))
        return false;
    for (size_t i = 0; i < settings->name_count; i++)
        if (!host_name_ok(settings->names[i], true) && !ip_parse(settings->names[i], &address))
            return false;
    return true;
}

static bool add_entry(X509_NAME *name, int nid, struct slice utf8)
{
    return !utf8.len ||
           X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)utf8.at,
                                      (int)utf8.len, -1, 0) == 1;
}

static void free_name(X509_NAME **name)
{
    X509_NAME_free(*name);
}

static X509_NAME *subject_of(const struct make_settings *settings)
{
    const unsigned char *at = (const unsigned char *)settings->subject.at;
    if (settings->subject.len)
        return d2i_X509_NAME(NULL, &at, (long)settings->subject.len);
    X509_NAME *name = X509_NAME_new();
    if (name && add_entry(name, NID_organizationName, settings->organization) &&
        add_entry(name, NID_commonName, settings->common_name))
        return name;
    X509_NAME_free(name);
    return NULL;
}

/* --- subject alternative names --- */

static ASN1_STRING *name_value(struct slice written, int *out_kind)
{
    struct ip_address address;
    *out_kind = ip_parse(written, &address) ? GEN_IPADD : GEN_DNS;
    ASN1_STRING *value =
        ASN1_STRING_type_new(*out_kind == GEN_DNS ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
    if (!value)
        return NULL;
    size_t skipped = ip_is_v4(address) ? 12 : 0;
    const void *bytes = *out_kind == GEN_DNS ? (const void *)written.at : address.bytes + skipped;
    size_t len = *out_kind == GEN_DNS ? written.len : sizeof address.bytes - skipped;
    if (ASN1_STRING_set(value, bytes, (int)len) == 1)
        return value;
    ASN1_STRING_free(value);
    return NULL;
}

static bool add_name(GENERAL_NAMES *names, struct slice written)
{
    int kind;
    ASN1_STRING *value = name_value(written, &kind);
    GENERAL_NAME *name = value ? GENERAL_NAME_new() : NULL;
    if (!name) {
        ASN1_STRING_free(value);
        return false;
    }
    GENERAL_NAME_set0_value(name, kind, value);
    if (sk_GENERAL_NAME_push(names, name) > 0)
        return true;
    GENERAL_NAME_free(name);
    return false;
}

static GENERAL_NAMES *names_of(const struct make_settings *settings)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    for (size_t i = 0; names && i < settings->name_count; i++)
        if (!add_name(names, settings->names[i])) {
            GENERAL_NAMES_free(names);
            return NULL;
        }
    return names;
}

/* --- certificates --- */

static bool add_extensions(X509 *certificate, X509 *issuer, const struct extension *rows,
                           size_t count)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, rows[i].nid, rows[i].value);
        bool ok = extension && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!ok)
            return false;
    }
    return true;
}

static bool add_names(X509 *certificate, const struct make_settings *settings)
{
    if (!settings->name_count)
        return true;
    GENERAL_NAMES *names = names_of(settings);
    bool ok = names && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0,
                                         X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40); /* positive, and always 16 bytes */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

/* A certificate never outlives its issuer. */
static bool set_times(X509 *certificate, const struct make_settings *settings, X509 *issuer)
{
    time_t now = (time_t)(settings->now_ms / 1000);
    if (!ASN1_TIME_set(X509_getm_notBefore(certificate), now - HOUR_S) ||
        !ASN1_TIME_adj(X509_getm_notAfter(certificate), now, settings->days, 0))
        return false;
    if (issuer == certificate ||
        ASN1_TIME_compare(X509_get0_notAfter(certificate), X509_get0_notAfter(issuer)) <= 0)
        return true;
    return X509_set1_notAfter(certificate, X509_get0_notAfter(issuer)) == 1;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const struct make_settings *settings,
                 const struct issuer *issuer)
{
    CLEANUP(free_name) X509_NAME *subject = subject_of(settings);
    X509 *issuing = issuer ? issuer->certificate : certificate;
    return subject && X509_set_version(certificate, CERTIFICATE_V3) == 1 &&
           set_serial(certificate) && X509_set_subject_name(certificate, subject) == 1 &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuing)) == 1 &&
           set_times(certificate, settings, issuing) && X509_set_pubkey(certificate, key) == 1;
}

static bool sign(X509 *certificate, EVP_PKEY *key, const struct make_settings *settings,
                 const struct issuer *issuer, bool authority)
{
    X509 *issuing = issuer ? issuer->certificate : certificate;
    EVP_PKEY *signing = issuer ? issuer->key : key;
    bool extended = authority ? add_extensions(certificate, issuing, authority_extensions,
                                               COUNT_OF(authority_extensions))
                              : add_extensions(certificate, issuing, server_extensions,
                                               COUNT_OF(server_extensions)) &&
                                    add_names(certificate, settings);
    return extended && X509_sign(certificate, signing, digest_for(signing)) > 0;
}

static bool keep(struct arena *arena, unsigned char *der, int len, struct slice *out)
{
    bool ok = len > 0 && arena_copy(arena, slice_bytes(der, (size_t)len), out);
    OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
    return ok;
}

static bool keep_key(const EVP_PKEY *key, struct arena *arena, struct slice *out)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    return keep(arena, der, len, out);
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static int make(const struct make_settings *settings, const struct issuer *issuer, bool authority,
                struct arena *arena, struct made *out)
{
    *out = (struct made){0};
    if (!settings_ok(settings))
        return -EINVAL;
    CLEANUP(free_key) EVP_PKEY *key = new_key(settings->key);
    CLEANUP(certificate_free) X509 *certificate = X509_new();
    unsigned char *der = NULL;
    if (!key || !certificate)
        return -ENOMEM;
    if (!fill(certificate, key, settings, issuer)) {
        ERR_clear_error();
        return -EINVAL;
    }
    if (!sign(certificate, key, settings, issuer, authority))
        return -EIO;
    int len = i2d_X509(certificate, &der);
    bool kept = keep(arena, der, len, &out->certificate) && keep_key(key, arena, &out->private_key);
    return kept ? 0 : -ENOMEM;
}

int make_self_signed(const struct make_settings *settings, struct arena *arena, struct made *out)
{
    return make(settings, NULL, false, arena, out);
}

int make_authority(const struct make_settings *settings, struct arena *arena, struct made *out)
{
    return make(settings, NULL, true, arena, out);
}

int make_issued(const struct make_settings *settings, const struct made *authority,
                struct arena *arena, struct made *out)
{
    CLEANUP(certificate_free) X509 *certificate = certificate_from_der(authority->certificate);
    CLEANUP(free_key) EVP_PKEY *key = NULL;
    *out = (struct made){0};
    if (!certificate || signer_key_new(authority->private_key, &key) < 0 ||
        X509_check_ca(certificate) != 1 || X509_check_private_key(certificate, key) != 1) {
        ERR_clear_error();
        return -EINVAL;
    }
    struct issuer issuer = {certificate, key};
    return make(settings, &issuer, false, arena, out);
}

/* --- requests --- */

static void free_request(X509_REQ **request)
{
    X509_REQ_free(*request);
}

static void free_extensions(STACK_OF(X509_EXTENSION) * *extensions)
{
    sk_X509_EXTENSION_pop_free(*extensions, X509_EXTENSION_free);
}

static bool request_names(X509_REQ *request, const struct make_settings *settings)
{
    if (!settings->name_count)
        return true;
    CLEANUP(free_extensions) STACK_OF(X509_EXTENSION) *extensions = NULL;
    GENERAL_NAMES *names = names_of(settings);
    bool ok = names &&
              X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return ok && X509_REQ_add_extensions(request, extensions) == 1;
}

/* Says for what the stand-in stands: its key, its subject, its names. */
static int ask(const struct make_settings *settings, EVP_PKEY *key, struct arena *arena,
               struct made *out)
{
    CLEANUP(free_request) X509_REQ *request = X509_REQ_new();
    CLEANUP(free_name) X509_NAME *subject = subject_of(settings);
    unsigned char *der = NULL;
    if (!request || !subject)
        return -ENOMEM;
    if (X509_REQ_set_version(request, REQUEST_V1) != 1 ||
        X509_REQ_set_subject_name(request, subject) != 1 ||
        X509_REQ_set_pubkey(request, key) != 1 || !request_names(request, settings) ||
        X509_REQ_sign(request, key, digest_for(key)) <= 0)
        return -EIO;
    int len = i2d_X509_REQ(request, &der);
    return keep(arena, der, len, &out->request) ? 0 : -ENOMEM;
}

int make_request(const struct make_settings *settings, struct arena *arena, struct made *out)
{
    CLEANUP(free_key) EVP_PKEY *key = NULL;
    int result = make(settings, NULL, false, arena, out);
    if (result == 0)
        result = signer_key_new(out->private_key, &key);
    return result == 0 ? ask(settings, key, arena, out) : result;
}

void made_wipe(struct made *made)
{
    if (made->private_key.len) {
        union { /* the bytes are ours: they live in the arena */
            const char *lent;
            void *owned;
        } bytes = {made->private_key.at};
        OPENSSL_cleanse(bytes.owned, made->private_key.len);
    }
    made->private_key = (struct slice){0};
}
