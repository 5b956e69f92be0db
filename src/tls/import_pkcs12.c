/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#12 (RFC 7292) bag by bag, so that counts and iterations are looked at before any work is
 * done, and the password is checked once. */
#include "tls/import_pile.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

typedef STACK_OF(PKCS12_SAFEBAG) bags;

static void free_pkcs12(PKCS12 **file)
{
    PKCS12_free(*file);
}

static void free_bags(bags **list)
{
    sk_PKCS12_SAFEBAG_pop_free(*list, PKCS12_SAFEBAG_free);
}

static void free_safes(STACK_OF(PKCS7) * *safes)
{
    sk_PKCS7_pop_free(*safes, PKCS7_free);
}

static bool mac_fits(PKCS12 *file, struct slice password)
{
    return PKCS12_verify_mac(file, password.at, (int)password.len) == 1;
}

/* No password and an empty one are two different things to PKCS#12; files with either exist. */
static enum import_outcome check_mac(struct import_pile *pile, PKCS12 *file)
{
    const ASN1_INTEGER *iterations = NULL;
    const ASN1_OCTET_STRING *mac = NULL, *salt = NULL;
    const X509_ALGOR *algorithm = NULL;
    if (!PKCS12_mac_present(file))
        return IMPORT_OK;
    PKCS12_get0_mac(&mac, &algorithm, &salt, &iterations, file);
    enum import_outcome outcome = pile_check_iterations(pile, iterations);
    if (outcome != IMPORT_OK)
        return outcome;
    ERR_clear_error();
    if (pile->password.len)
        return mac_fits(file, pile->password) ? IMPORT_OK : pile_decrypt_failed(pile);
    pile->password = (struct slice){0};
    if (mac_fits(file, pile->password))
        return IMPORT_OK;
    pile->password = SLICE("");
    return mac_fits(file, pile->password) ? IMPORT_OK : pile_decrypt_failed(pile);
}

static void note_name(struct import_pile *pile, PKCS12_SAFEBAG *bag)
{
    char *name = PKCS12_get_friendlyname(bag);
    if (name && !pile->friendly_name.len)
        text_append_c(&pile->friendly_name, name);
    OPENSSL_free(name);
}

static enum import_outcome add_bag(struct import_pile *pile, PKCS12_SAFEBAG *bag)
{
    enum import_outcome outcome = pile_count_bag(pile);
    if (outcome != IMPORT_OK)
        return outcome;
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
        note_name(pile, bag);
        return pile_add_pkcs8(pile, PKCS12_SAFEBAG_get0_p8inf(bag));
    case NID_pkcs8ShroudedKeyBag:
        note_name(pile, bag);
        return pile_add_encrypted_key(pile, PKCS12_SAFEBAG_get0_pkcs8(bag));
    case NID_certBag:
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
            return IMPORT_OK;
        if (!pile->key_count)
            note_name(pile, bag);
        return pile_take_certificate(pile, PKCS12_SAFEBAG_get1_cert(bag));
    case NID_safeContentsBag:
        return pile_fail(pile, IMPORT_UNSUPPORTED, "the file holds bags within bags");
    default:
        return IMPORT_OK; /* revocation lists and secrets of others */
    }
}

static enum import_outcome add_bags(struct import_pile *pile, const bags *list)
{
    enum import_outcome outcome = IMPORT_OK;
    for (int i = 0; outcome == IMPORT_OK && i < sk_PKCS12_SAFEBAG_num(list); i++)
        outcome = add_bag(pile, sk_PKCS12_SAFEBAG_value(list, i));
    return outcome;
}

static enum import_outcome add_plain_safe(struct import_pile *pile, PKCS7 *safe)
{
    CLEANUP(free_bags) bags *list = PKCS12_unpack_p7data(safe);
    return list ? add_bags(pile, list)
                : pile_fail(pile, IMPORT_DAMAGED, "a part of the PKCS#12 file cannot be read");
}

static enum import_outcome add_encrypted_safe(struct import_pile *pile, PKCS7 *safe)
{
    const PKCS7_ENCRYPT *encrypted = safe->d.encrypted;
    if (!encrypted || !encrypted->enc_data || !encrypted->enc_data->algorithm)
        return pile_fail(pile, IMPORT_DAMAGED, "an encrypted part of the file cannot be read");
    enum import_outcome outcome = pile_check_cipher(pile, encrypted->enc_data->algorithm);
    if (outcome != IMPORT_OK)
        return outcome;
    ERR_clear_error();
    CLEANUP(free_bags)
    bags *list = PKCS12_unpack_p7encdata(safe, pile->password.at, (int)pile->password.len);
    return list ? add_bags(pile, list) : pile_decrypt_failed(pile);
}

static enum import_outcome add_safe(struct import_pile *pile, PKCS7 *safe)
{
    switch (OBJ_obj2nid(safe->type)) {
    case NID_pkcs7_data:
        return add_plain_safe(pile, safe);
    case NID_pkcs7_encrypted:
        return add_encrypted_safe(pile, safe);
    default:
        return pile_fail(pile, IMPORT_UNSUPPORTED,
                         "a part of the PKCS#12 file is locked with a key, not a password");
    }
}

enum import_outcome import_pkcs12(struct import_pile *pile, struct slice bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    CLEANUP(free_pkcs12) PKCS12 *file = PKCS12_init_ex(NID_pkcs7_data, import_library(), NULL);
    if (!file)
        return pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
    if (!d2i_PKCS12(&file, &at, (long)bytes.len))
        return pile_fail(pile, IMPORT_DAMAGED, "the PKCS#12 file is damaged or cut short");
    enum import_outcome outcome = check_mac(pile, file);
    if (outcome != IMPORT_OK)
        return outcome;
    CLEANUP(free_safes) STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(file);
    if (!safes)
        return pile_fail(pile, IMPORT_DAMAGED, "the contents of the PKCS#12 file are damaged");
    for (int i = 0; outcome == IMPORT_OK && i < sk_PKCS7_num(safes); i++)
        outcome = add_safe(pile, sk_PKCS7_value(safes, i));
    return outcome;
}
