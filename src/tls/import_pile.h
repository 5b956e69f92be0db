/* SPDX-License-Identifier: Apache-2.0 */
/* import_pile - what the readers of tls/import gather from a file, before it is put in order. */
#ifndef TLS_IMPORT_PILE_H
#define TLS_IMPORT_PILE_H

#include "tls/certificate_list.h"
#include "tls/import.h"

enum { IMPORT_KEYS_MAX = 4 };

struct import_pile {
    STACK_OF(X509) * certificates;
    EVP_PKEY *keys[IMPORT_KEYS_MAX];
    size_t key_count;
    size_t bag_count;
    struct slice password;
    struct text friendly_name;
    struct text ocsp_response;
    bool legacy;
    const char *why; /* one line for the outcome that is not IMPORT_OK */
};

/* Where old ciphers can be had; NULL when nothing could be made. */
OSSL_LIB_CTX *import_library(void);

/* IMPORT_OK: go on. They set `why` on everything else. */
enum import_outcome pile_fail(struct import_pile *pile, enum import_outcome outcome,
                              const char *why);
enum import_outcome pile_count_bag(struct import_pile *pile);
enum import_outcome pile_take_certificate(struct import_pile *pile, X509 *certificate); /* owns */
enum import_outcome pile_take_key(struct import_pile *pile, EVP_PKEY *key);             /* owns */
enum import_outcome pile_add_pkcs8(struct import_pile *pile, const PKCS8_PRIV_KEY_INFO *info);
enum import_outcome pile_add_encrypted_key(struct import_pile *pile, const X509_SIG *sealed);
enum import_outcome pile_add_ocsp(struct import_pile *pile, struct slice der); /* one at most */
/* Looks at a password-based cipher before it is run. */
enum import_outcome pile_check_cipher(struct import_pile *pile, const X509_ALGOR *algorithm);
enum import_outcome pile_check_iterations(struct import_pile *pile, const ASN1_INTEGER *count);
/* After a decryption that failed: is the cipher unknown, or the password wrong? */
enum import_outcome pile_decrypt_failed(struct import_pile *pile);

/* The readers. */
enum import_outcome import_pkcs12(struct import_pile *pile, struct slice file);
enum import_outcome import_pkcs7(struct import_pile *pile, struct slice file);
enum import_outcome import_der(struct import_pile *pile, struct slice file);
enum import_outcome import_pem(struct import_pile *pile, struct slice file);

#endif
