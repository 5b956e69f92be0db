/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/import.h"

#include "tls/import_pile.h"
#include "tls/ocsp.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { FRIENDLY_NAME_MAX = 1024 };

static struct {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *standard, *legacy;
} place;

int import_start(void)
{
    if (!place.library)
        place.library = OSSL_LIB_CTX_new();
    if (!place.library)
        return -ENOMEM;
    if (!place.standard)
        place.standard = OSSL_PROVIDER_load(place.library, "default");
    if (!place.legacy)
        place.legacy = OSSL_PROVIDER_load(place.library, "legacy");
    ERR_clear_error();
    return place.standard && place.legacy ? 0 : -ENOENT;
}

void import_stop(void)
{
    if (place.legacy)
        OSSL_PROVIDER_unload(place.legacy);
    if (place.standard)
        OSSL_PROVIDER_unload(place.standard);
    OSSL_LIB_CTX_free(place.library);
    memset(&place, 0, sizeof place);
}

OSSL_LIB_CTX *import_library(void)
{
    if (!place.library)
        (void)!import_start();
    return place.library;
}

static void pile_deinit(struct import_pile *pile)
{
    sk_X509_pop_free(pile->certificates, X509_free);
    for (size_t i = 0; i < pile->key_count; i++)
        EVP_PKEY_free(pile->keys[i]);
    text_deinit(&pile->friendly_name);
    text_deinit(&pile->ocsp_response);
}

/* --- which format --- */

/* The tag of the first element inside the outer sequence, definite or not; 0 when there is none. */
static unsigned inner_tag(struct slice file, size_t *out_at)
{
    if (file.len < 4 || file.at[0] != 0x30)
        return 0;
    unsigned length = (unsigned char)file.at[1];
    size_t at = length > 0x80 ? 2 + (length & 0x7f) : 2;
    *out_at = at;
    return at < file.len ? (unsigned char)file.at[at] : 0;
}

static bool is_pem(struct slice file)
{
    return slice_contains(file, SLICE("-----BEGIN "));
}

static bool is_pkcs12(struct slice file)
{
    size_t at = 0;
    return inner_tag(file, &at) == 0x02 &&
           slice_starts(slice_after(file, at), SLICE("\x02\x01\x03"));
}

static bool is_pkcs7(struct slice file)
{
    return inner_tag(file, &(size_t){0}) == 0x06;
}

/* RFC 6960 4.2.1: it begins with its status, an ENUMERATED. */
static bool is_ocsp(struct slice file)
{
    return inner_tag(file, &(size_t){0}) == 0x0a;
}

static bool is_der(struct slice file)
{
    return inner_tag(file, &(size_t){0}) == 0x30;
}

static const struct format {
    const char *name;
    bool (*is)(struct slice file);
    enum import_outcome (*read)(struct import_pile *pile, struct slice file);
} formats[] = {
    {"PEM", is_pem, import_pem},        {"PKCS#12", is_pkcs12, import_pkcs12},
    {"PKCS#7", is_pkcs7, import_pkcs7}, {"OCSP", is_ocsp, pile_add_ocsp},
    {"DER", is_der, import_der},
};

/* What else people have at hand: known by how it begins. */
static const struct stranger {
    struct slice begin;
    const char *why;
} strangers[] = {
    {SLICE_INIT("\xfe\xed\xfe\xed"), "this is a Java keystore: make it PKCS#12 first (keytool "
                                     "-importkeystore -deststoretype pkcs12)"},
    {SLICE_INIT("\xce\xce\xce\xce"), "this is a Java keystore: make it PKCS#12 first (keytool "
                                     "-importkeystore -deststoretype pkcs12)"},
    {SLICE_INIT("\xff\xfe"), "this is text in UTF-16: save it as ASCII or UTF-8"},
    {SLICE_INIT("\xfe\xff"), "this is text in UTF-16: save it as ASCII or UTF-8"},
};

static enum import_outcome read_file(struct import_pile *pile, struct slice file,
                                     struct imported *out)
{
    for (size_t i = 0; i < COUNT_OF(strangers); i++)
        if (slice_starts(file, strangers[i].begin))
            return pile_fail(pile, IMPORT_UNKNOWN_FORMAT, strangers[i].why);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!formats[i].is(file))
            continue;
        out->format = formats[i].name;
        return formats[i].read(pile, file);
    }
    return pile_fail(
        pile, IMPORT_UNKNOWN_FORMAT,
        "neither PKCS#12, PEM, DER nor PKCS#7 with certificates, nor an OCSP response");
}

/* --- which certificate, and its issuers in order --- */

static bool is_newer(X509 *a, X509 *b)
{
    return !b || ASN1_TIME_compare(X509_get0_notBefore(a), X509_get0_notBefore(b)) > 0;
}

/* The newest certificate of one of the keys. */
static X509 *leaf_of_keys(const struct import_pile *pile, EVP_PKEY **out_key)
{
    X509 *leaf = NULL;
    for (int i = 0; i < sk_X509_num(pile->certificates); i++) {
        X509 *certificate = sk_X509_value(pile->certificates, i);
        const EVP_PKEY *public = X509_get0_pubkey(certificate);
        for (size_t k = 0; public && k < pile->key_count; k++)
            if (EVP_PKEY_eq(public, pile->keys[k]) == 1 && is_newer(certificate, leaf)) {
                leaf = certificate;
                *out_key = pile->keys[k];
            }
    }
    return leaf;
}

static bool issues_another(const struct import_pile *pile, X509 *issuer)
{
    for (int i = 0; i < sk_X509_num(pile->certificates); i++) {
        X509 *certificate = sk_X509_value(pile->certificates, i);
        if (certificate != issuer && X509_cmp(certificate, issuer) != 0 &&
            X509_check_issued(issuer, certificate) == X509_V_OK)
            return true;
    }
    return false;
}

/* Without a key: the first that issued no other one. */
static X509 *leaf_of_chain(const struct import_pile *pile)
{
    for (int i = 0; i < sk_X509_num(pile->certificates); i++)
        if (!issues_another(pile, sk_X509_value(pile->certificates, i)))
            return sk_X509_value(pile->certificates, i);
    return sk_X509_value(pile->certificates, 0);
}

/* Takes the issuer out of the pile, the newest of several; NULL when it is not there. */
static X509 *take_issuer(struct import_pile *pile, X509 *certificate)
{
    X509 *issuer = NULL;
    int found = -1;
    for (int i = 0; i < sk_X509_num(pile->certificates); i++) {
        X509 *candidate = sk_X509_value(pile->certificates, i);
        if (!is_newer(candidate, issuer) || !certificate_issued_by(certificate, candidate))
            continue;
        issuer = candidate;
        found = i;
    }
    return found < 0 ? NULL : sk_X509_delete(pile->certificates, found);
}

static bool keep_certificate(X509 *certificate, struct arena *arena, struct slice *out)
{
    CLEANUP(text_deinit) struct text der = text_with_ceiling(CERTIFICATE_BYTES_MAX);
    return certificate_to_der(certificate, &der) && arena_copy(arena, text_slice(&der), out);
}

static bool keep_chain(struct import_pile *pile, X509 *leaf, struct arena *arena,
                       struct imported *out)
{
    X509 *below = leaf, *owned = NULL;
    bool ok = true;
    size_t room = (size_t)sk_X509_num(pile->certificates) + 1;
    out->chain = arena_take_array(arena, room, sizeof *out->chain);
    while (out->chain && ok && X509_self_signed(below, 0) != 1) {
        X509 *issuer = take_issuer(pile, below);
        if (!issuer)
            break;
        ok = keep_certificate(issuer, arena, &out->chain[out->chain_count++]);
        X509_free(owned);
        below = owned = issuer;
    }
    X509_free(owned);
    out->left_out = (size_t)sk_X509_num(pile->certificates);
    return out->chain && ok;
}

static bool keep_key(const EVP_PKEY *key, struct arena *arena, struct slice *out)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    bool ok = len > 0 && arena_copy(arena, slice_bytes(der, (size_t)len), out);
    OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
    return ok;
}

/* The public part fits the certificate; does the private part fit the public one? */
static bool key_is_whole(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool whole = context && EVP_PKEY_pairwise_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return whole;
}

/* Forbidden in certificates (RFC 5480 2.1.1): a curve could be made up. */
static bool curve_is_explicit(const EVP_PKEY *key)
{
    int is_explicit = 0;
    return key && EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                  &is_explicit) &&
           is_explicit;
}

static enum import_outcome choose(struct import_pile *pile, X509 **out_leaf, EVP_PKEY **out_key)
{
    if (!sk_X509_num(pile->certificates) && pile->ocsp_response.len)
        return pile_fail(pile, IMPORT_OCSP_ALONE,
                         "there is an OCSP response in the file and no certificate");
    if (!sk_X509_num(pile->certificates))
        return pile_fail(pile, IMPORT_NO_CERTIFICATE,
                         pile->key_count ? "there is a private key in the file and no certificate"
                                         : "there is no certificate in the file");
    *out_leaf = pile->key_count ? leaf_of_keys(pile, out_key) : leaf_of_chain(pile);
    if (!*out_leaf)
        return pile_fail(pile, IMPORT_KEY_MISMATCH,
                         "the private key belongs to none of the certificates in the file");
    if (curve_is_explicit(X509_get0_pubkey(*out_leaf)))
        return pile_fail(pile, IMPORT_UNSUPPORTED,
                         "the certificate spells out the parameters of its curve instead of naming "
                         "it: clients refuse that. Make the key with a named curve");
    if (*out_key && !key_is_whole(*out_key))
        return pile_fail(pile, IMPORT_DAMAGED, "the private key is damaged");
    return IMPORT_OK;
}

static enum import_outcome keep(struct import_pile *pile, struct arena *arena, struct imported *out)
{
    X509 *leaf = NULL;
    EVP_PKEY *key = NULL;
    enum import_outcome outcome = choose(pile, &leaf, &key);
    if (outcome != IMPORT_OK)
        return outcome;
    X509_up_ref(leaf);
    (void)sk_X509_delete_ptr(pile->certificates, leaf);
    X509_free(leaf); /* the reference of the pile */
    bool ok = keep_certificate(leaf, arena, &out->leaf) && keep_chain(pile, leaf, arena, out) &&
              arena_copy(arena, text_slice(&pile->friendly_name), &out->friendly_name) &&
              (!key || keep_key(key, arena, &out->private_key));
    X509_free(leaf);
    if (!ok)
        return pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
    out->legacy = pile->legacy;
    return key ? IMPORT_OK
               : pile_fail(pile, IMPORT_NO_PRIVATE_KEY, "there is no private key in the file");
}

static enum import_outcome import(struct import_pile *pile, struct slice file, struct arena *arena,
                                  struct imported *out)
{
    if (file.len > IMPORT_MAX_BYTES)
        return pile_fail(pile, IMPORT_TOO_LARGE, "the file is larger than 1 MiB");
    if (pile->password.len > IMPORT_PASSWORD_MAX)
        return pile_fail(pile, IMPORT_TOO_LARGE, "the password is too long");
    pile->certificates = sk_X509_new_null();
    if (!pile->certificates)
        return pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
    enum import_outcome outcome = read_file(pile, file, out);
    if (outcome == IMPORT_OK &&
        !arena_copy(arena, text_slice(&pile->ocsp_response), &out->ocsp_response))
        outcome = pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
    return outcome == IMPORT_OK ? keep(pile, arena, out) : outcome;
}

enum import_outcome import_certificates(struct slice file, struct slice password,
                                        struct arena *arena, struct imported *out,
                                        struct text *error)
{
    CLEANUP(pile_deinit)
    struct import_pile pile = {.password = password,
                               .friendly_name = text_with_ceiling(FRIENDLY_NAME_MAX),
                               .ocsp_response = text_with_ceiling(OCSP_RESPONSE_MAX)};
    *out = (struct imported){0};
    enum import_outcome outcome = import(&pile, file, arena, out);
    ERR_clear_error();
    if (outcome != IMPORT_OK)
        text_append_c(error, pile.why);
    return outcome;
}

void imported_wipe(struct imported *imported)
{
    if (imported->private_key.len) {
        union { /* the bytes are ours: they live in the arena */
            const char *lent;
            void *owned;
        } bytes = {imported->private_key.at};
        OPENSSL_cleanse(bytes.owned, imported->private_key.len);
    }
    imported->private_key = (struct slice){0};
}

const char *import_outcome_name(enum import_outcome outcome)
{
    static const char *const names[] = {
        [IMPORT_OK] = "OK",
        [IMPORT_NO_PRIVATE_KEY] = "NoPrivateKey",
        [IMPORT_WRONG_PASSWORD] = "WrongPassword",
        [IMPORT_KEY_MISMATCH] = "KeyMismatch",
        [IMPORT_NO_CERTIFICATE] = "NoCertificate",
        [IMPORT_UNKNOWN_FORMAT] = "UnknownFormat",
        [IMPORT_DAMAGED] = "Damaged",
        [IMPORT_TOO_LARGE] = "TooLarge",
        [IMPORT_UNSUPPORTED] = "Unsupported",
        [IMPORT_NO_MEMORY] = "NoMemory",
        [IMPORT_OCSP_ALONE] = "OcspAlone",
        [IMPORT_OCSP_REFUSED] = "OcspRefused",
    };
    return names[outcome];
}
