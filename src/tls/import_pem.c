/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468) in any order, and the plain DER forms it wraps. */
#include "tls/import_pile.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <string.h>

struct block {
    char *name, *header;
    unsigned char *data;
    long len;
};

static void block_free(struct block *block)
{
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->data, block->len > 0 ? (size_t)block->len : 0);
}

static struct slice block_bytes(const struct block *block)
{
    return slice_bytes(block->data, (size_t)block->len);
}

static enum import_outcome on_certificate(struct import_pile *pile, struct block *block)
{
    return pile_take_certificate(pile, certificate_from_der(block_bytes(block)));
}

static enum import_outcome on_pkcs7(struct import_pile *pile, struct block *block)
{
    return import_pkcs7(pile, block_bytes(block));
}

static enum import_outcome on_encrypted_key(struct import_pile *pile, struct block *block)
{
    const unsigned char *at = block->data;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, block->len);
    enum import_outcome outcome = pile_add_encrypted_key(pile, sealed);
    X509_SIG_free(sealed);
    return outcome;
}

static int give_password(char *buffer, int capacity, int writing, void *argument)
{
    const struct import_pile *pile = argument;
    (void)writing;
    if (pile->password.len > (size_t)capacity)
        return -1;
    if (pile->password.len)
        memcpy(buffer, pile->password.at, pile->password.len);
    return (int)pile->password.len;
}

/* RFC 1421 headers: the old way to encrypt "RSA PRIVATE KEY". */
static enum import_outcome open_old_cipher(struct import_pile *pile, struct block *block)
{
    EVP_CIPHER_INFO cipher;
    if (!block->header || !block->header[0])
        return IMPORT_OK;
    if (PEM_get_EVP_CIPHER_INFO(block->header, &cipher) != 1)
        return pile_fail(pile, IMPORT_UNSUPPORTED, "the key's cipher is not supported");
    pile->legacy = pile->legacy || cipher.cipher;
    if (cipher.cipher && !pile->password.len)
        return pile_fail(pile, IMPORT_WRONG_PASSWORD, "the private key needs a password");
    return PEM_do_header(&cipher, block->data, &block->len, give_password, pile) == 1
               ? IMPORT_OK
               : pile_fail(pile, IMPORT_WRONG_PASSWORD, "the password is wrong");
}

static enum import_outcome on_key(struct import_pile *pile, struct block *block)
{
    bool encrypted = block->header && block->header[0];
    enum import_outcome outcome = open_old_cipher(pile, block);
    if (outcome != IMPORT_OK)
        return outcome;
    const unsigned char *at = block->data;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, block->len);
    if (!key && encrypted) /* the padding looked right by chance */
        return pile_fail(pile, IMPORT_WRONG_PASSWORD, "the password is wrong");
    return pile_take_key(pile, key);
}

static enum import_outcome on_ocsp(struct import_pile *pile, struct block *block)
{
    return pile_add_ocsp(pile, block_bytes(block));
}

static const struct block_kind {
    const char *name;
    enum import_outcome (*run)(struct import_pile *pile, struct block *block);
} block_kinds[] = {
    {"CERTIFICATE", on_certificate},
    {"X509 CERTIFICATE", on_certificate},
    {"PKCS7", on_pkcs7},
    {"CMS", on_pkcs7},
    {"PRIVATE KEY", on_key},
    {"RSA PRIVATE KEY", on_key},
    {"EC PRIVATE KEY", on_key},
    {"ENCRYPTED PRIVATE KEY", on_encrypted_key},
    {"OCSP RESPONSE", on_ocsp},
};

/* What else may stand in such a file (parameters, requests, lists) is stepped over. */
static enum import_outcome run_block(struct import_pile *pile, struct block *block)
{
    enum import_outcome outcome = pile_count_bag(pile);
    for (size_t i = 0; outcome == IMPORT_OK && i < COUNT_OF(block_kinds); i++)
        if (strcmp(block_kinds[i].name, block->name) == 0)
            return block_kinds[i].run(pile, block);
    return outcome;
}

static bool ended(void)
{
    unsigned long error = ERR_peek_last_error();
    return !error || ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

enum import_outcome import_pem(struct import_pile *pile, struct slice file)
{
    enum import_outcome outcome = IMPORT_OK;
    BIO *bio = BIO_new_mem_buf(file.at, (int)file.len);
    while (bio && outcome == IMPORT_OK) {
        CLEANUP(block_free) struct block block = {0};
        ERR_clear_error();
        if (PEM_read_bio(bio, &block.name, &block.header, &block.data, &block.len) == 1)
            outcome = run_block(pile, &block);
        else if (ended())
            break;
        else
            outcome = pile_fail(pile, IMPORT_DAMAGED, "a PEM block is damaged or cut short");
    }
    if (outcome == IMPORT_OK && !pile->bag_count)
        outcome = pile_fail(pile, IMPORT_NO_CERTIFICATE,
                            "the PEM lines of the file are indented or run together: -----BEGIN "
                            "and -----END stand on lines of their own");
    if (!bio)
        outcome = pile_fail(pile, IMPORT_NO_MEMORY, "out of memory");
    BIO_free(bio);
    return outcome;
}

enum import_outcome import_der(struct import_pile *pile, struct slice file)
{
    return pile_take_certificate(pile, certificate_from_der(file));
}

enum import_outcome import_pkcs7(struct import_pile *pile, struct slice file)
{
    const unsigned char *at = (const unsigned char *)file.at;
    PKCS7 *message = d2i_PKCS7(NULL, &at, (long)file.len);
    enum import_outcome outcome = IMPORT_OK;
    if (!message || !PKCS7_type_is_signed(message) || !message->d.sign)
        outcome = pile_fail(pile, IMPORT_DAMAGED, "the PKCS#7 file holds no certificates");
    STACK_OF(X509) *list = outcome == IMPORT_OK ? message->d.sign->cert : NULL;
    for (int i = 0; outcome == IMPORT_OK && list && i < sk_X509_num(list); i++) {
        outcome = pile_count_bag(pile);
        if (outcome == IMPORT_OK && X509_up_ref(sk_X509_value(list, i)) == 1)
            outcome = pile_take_certificate(pile, sk_X509_value(list, i));
    }
    PKCS7_free(message);
    return outcome;
}
