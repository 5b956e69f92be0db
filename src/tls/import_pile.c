/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/import_pile.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

enum { RSA_BITS_MIN = 1024 }; /* shorter ones have no room for the signatures of TLS 1.3 */

static long iterations_max = IMPORT_ITERATIONS_MAX;

void import_limit_iterations(long max)
{
    iterations_max = max;
}

enum import_outcome pile_fail(struct import_pile *pile, enum import_outcome outcome,
                              const char *why)
{
    pile->why = why;
    return outcome;
}

enum import_outcome pile_count_bag(struct import_pile *pile)
{
    return ++pile->bag_count > IMPORT_BAGS_MAX
               ? pile_fail(pile, IMPORT_TOO_LARGE, "too many certificates and keys in the file")
               : IMPORT_OK;
}

enum import_outcome pile_take_certificate(struct import_pile *pile, X509 *certificate)
{
    if (!certificate)
        return pile_fail(pile, IMPORT_DAMAGED, "a certificate in the file cannot be read");
    if (sk_X509_push(pile->certificates, certificate) > 0)
        return IMPORT_OK;
    X509_free(certificate);
    return pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
}

/* An RSA-PSS key may be bound to one digest; TLS signs with these three. */
static bool digest_is_served(EVP_PKEY *key)
{
    int only;
    return EVP_PKEY_get_default_digest_nid(key, &only) != 2 || only == NID_sha256 ||
           only == NID_sha384 || only == NID_sha512;
}

static bool kind_is_served(EVP_PKEY *key)
{
    static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
    char group[64] = "";
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "ED25519"))
        return true;
    if (EVP_PKEY_is_a(key, "RSA-PSS"))
        return digest_is_served(key);
    if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, group, sizeof group, NULL))
        return false;
    for (size_t i = 0; i < COUNT_OF(curves); i++)
        if (strcmp(curves[i], group) == 0)
            return true;
    return false;
}

static enum import_outcome judge_key(struct import_pile *pile, EVP_PKEY *key)
{
    if (!kind_is_served(key))
        return pile_fail(pile, IMPORT_UNSUPPORTED,
                         "the private key is of a kind not served here: RSA, RSA-PSS, Ed25519 and "
                         "ECDSA on P-256, P-384 or P-521 are");
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
        return pile_fail(pile, IMPORT_UNSUPPORTED,
                         "the RSA key is shorter than 1024 bits: TLS cannot use it");
    if (EVP_PKEY_get_bits(key) > IMPORT_RSA_BITS_MAX)
        return pile_fail(pile, IMPORT_TOO_LARGE, "the private key is longer than 16384 bits");
    if (pile->key_count == IMPORT_KEYS_MAX)
        return pile_fail(pile, IMPORT_TOO_LARGE, "too many private keys in the file");
    return IMPORT_OK;
}

enum import_outcome pile_take_key(struct import_pile *pile, EVP_PKEY *key)
{
    if (!key)
        return pile_fail(pile, IMPORT_DAMAGED, "the private key cannot be read");
    enum import_outcome outcome = judge_key(pile, key);
    if (outcome == IMPORT_OK)
        pile->keys[pile->key_count++] = key;
    else
        EVP_PKEY_free(key);
    return outcome;
}

enum import_outcome pile_add_pkcs8(struct import_pile *pile, const PKCS8_PRIV_KEY_INFO *info)
{
    return pile_take_key(pile, info ? EVP_PKCS82PKEY(info) : NULL);
}

enum import_outcome pile_add_ocsp(struct import_pile *pile, struct slice der)
{
    if (pile->ocsp_response.len)
        return pile_fail(pile, IMPORT_TOO_LARGE,
                         "there is more than one OCSP response in the file: import one by one");
    return text_append(&pile->ocsp_response, der)
               ? IMPORT_OK
               : pile_fail(pile, IMPORT_TOO_LARGE, "the OCSP response is larger than 16 KiB");
}

enum import_outcome pile_check_iterations(struct import_pile *pile, const ASN1_INTEGER *count)
{
    int64_t iterations = 1;
    if (count && (ASN1_INTEGER_get_int64(&iterations, count) != 1 || iterations < 1 ||
                  iterations > iterations_max))
        return pile_fail(pile, IMPORT_TOO_LARGE, "the file asks for too many password iterations");
    return IMPORT_OK;
}

/* RFC 8018 A.4: PBES2 names a key derivation (with its iterations) and a cipher. */
static enum import_outcome check_pbes2(struct import_pile *pile, const X509_ALGOR *algorithm)
{
    enum import_outcome outcome = IMPORT_OK;
    PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
    if (!pbes2)
        return pile_fail(pile, IMPORT_DAMAGED, "the password cipher of the file is damaged");
    if (OBJ_obj2nid(pbes2->keyfunc->algorithm) == NID_id_pbkdf2) {
        PBKDF2PARAM *derivation =
            ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbes2->keyfunc->parameter);
        outcome = derivation ? pile_check_iterations(pile, derivation->iter)
                             : pile_fail(pile, IMPORT_DAMAGED, "the key derivation is damaged");
        PBKDF2PARAM_free(derivation);
    }
    PBE2PARAM_free(pbes2);
    return outcome;
}

enum import_outcome pile_check_cipher(struct import_pile *pile, const X509_ALGOR *algorithm)
{
    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
        return check_pbes2(pile, algorithm);
    pile->legacy = true;
    PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
    if (!pbe)
        return pile_fail(pile, IMPORT_UNSUPPORTED, "the password cipher of the file is not known");
    enum import_outcome outcome = pile_check_iterations(pile, pbe->iter);
    PBEPARAM_free(pbe);
    return outcome;
}

enum import_outcome pile_decrypt_failed(struct import_pile *pile)
{
    static const struct {
        int library, reason;
    } unknown[] = {
        {ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM},
        {ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER},
        {ERR_LIB_EVP, EVP_R_UNKNOWN_PBE_ALGORITHM},
        {ERR_LIB_EVP, EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION},
        {ERR_LIB_EVP, EVP_R_UNSUPPORTED_PRF},
        {ERR_LIB_EVP, ERR_R_UNSUPPORTED},
    };
    bool found = false;
    for (unsigned long error; (error = ERR_get_error()) != 0;)
        for (size_t i = 0; i < COUNT_OF(unknown); i++)
            if (ERR_GET_LIB(error) == unknown[i].library &&
                ERR_GET_REASON(error) == unknown[i].reason)
                found = true;
    return found ? pile_fail(pile, IMPORT_UNSUPPORTED, "the cipher of the file is not supported")
                 : pile_fail(pile, IMPORT_WRONG_PASSWORD, "the password is wrong or missing");
}

enum import_outcome pile_add_encrypted_key(struct import_pile *pile, const X509_SIG *sealed)
{
    const X509_ALGOR *algorithm;
    if (!sealed)
        return pile_fail(pile, IMPORT_DAMAGED, "the encrypted private key cannot be read");
    X509_SIG_get0(sealed, &algorithm, NULL);
    enum import_outcome outcome = pile_check_cipher(pile, algorithm);
    if (outcome != IMPORT_OK)
        return outcome;
    ERR_clear_error();
    PKCS8_PRIV_KEY_INFO *info = PKCS8_decrypt_ex(sealed, pile->password.at, (int)pile->password.len,
                                                 import_library(), NULL);
    outcome = info ? pile_add_pkcs8(pile, info) : pile_decrypt_failed(pile);
    PKCS8_PRIV_KEY_INFO_free(info);
    return outcome;
}
