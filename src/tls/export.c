/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/export.h"

#include "tls/certificate_list.h"
#include "tls/der.h"
#include "tls/signer.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>

enum { FRIENDLY_NAME_MAX = 256 };

static void free_key(EVP_PKEY **key)
{
    signer_key_free(*key);
}

static void free_file(PKCS12 **file)
{
    PKCS12_free(*file);
}

static STACK_OF(X509) * chain_of(struct slice ders)
{
    struct slice list[EXPORT_CHAIN_MAX];
    struct der_element element;
    size_t count = 0;
    while (count < EXPORT_CHAIN_MAX && der_take(&ders, &element))
        list[count++] = element.whole;
    return ders.len ? NULL : certificate_list_from_der(list, count);
}

static PKCS12 *seal(const struct export_parts *parts, const char *password)
{
    char storage[FRIENDLY_NAME_MAX];
    struct text name = text_over(storage, sizeof storage);
    text_append(&name, slice_first(parts->friendly_name, sizeof storage - 1));
    CLEANUP(free_key) EVP_PKEY *key = NULL;
    CLEANUP(certificate_free) X509 *certificate = certificate_from_der(parts->certificate);
    CLEANUP(certificate_list_free) STACK_OF(X509) *chain = chain_of(parts->chain);
    if (!certificate || !chain || signer_key_new(parts->private_key, &key) < 0 ||
        X509_check_private_key(certificate, key) != 1)
        return NULL;
    return PKCS12_create(password, name.len ? text_c_string(&name) : NULL, key, certificate, chain,
                         NID_aes_256_cbc, NID_aes_256_cbc, EXPORT_ITERATIONS, EXPORT_ITERATIONS, 0);
}

int export_pkcs12(const struct export_parts *parts, struct slice password, struct text *out_file)
{
    char storage[EXPORT_PASSWORD_MAX + 1];
    struct text secret = text_over(storage, sizeof storage);
    unsigned char *der = NULL;
    text_append(&secret, password);
    const char *c_password = text_c_string(&secret);
    CLEANUP(free_file) PKCS12 *file = c_password ? seal(parts, c_password) : NULL;
    OPENSSL_cleanse(storage, sizeof storage);
    int len = file ? i2d_PKCS12(file, &der) : 0;
    bool kept = len > 0 && text_append(out_file, slice_bytes(der, (size_t)len));
    OPENSSL_free(der);
    ERR_clear_error();
    return !file ? -EINVAL : kept ? 0 : -ENOMEM;
}
