/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/ticket.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 16, AES_BYTES = 32, MAC_BYTES = 32, LIFETIME_S = 2 * 60 * 60 };

struct ticket_key {
    bool there;
    unsigned char name[NAME_BYTES], aes[AES_BYTES], mac[MAC_BYTES];
};
_Static_assert(NAME_BYTES + AES_BYTES + MAC_BYTES == TLS_TICKET_KEY_BYTES, "a key as it travels");

struct tls_ticket_keys {
    uint64_t generation;
    struct ticket_key current, previous;
    EVP_CIPHER *cipher;
};

/* What OpenSSL's callback answers. */
enum ticket_answer { TICKET_ERROR = -1, TICKET_NONE = 0, TICKET_USE = 1, TICKET_USE_AND_RENEW = 2 };

struct tls_ticket_keys *tls_tickets_new(void)
{
    struct tls_ticket_keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        return NULL;
    keys->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (keys->cipher)
        return keys;
    free(keys);
    return NULL;
}

void tls_tickets_free(struct tls_ticket_keys *keys)
{
    if (!keys)
        return;
    EVP_CIPHER_free(keys->cipher);
    OPENSSL_cleanse(keys, sizeof *keys);
    free(keys);
}

static void key_set(struct ticket_key *key, struct slice bytes)
{
    OPENSSL_cleanse(key, sizeof *key);
    if (!bytes.len)
        return;
    memcpy(key->name, bytes.at, NAME_BYTES);
    memcpy(key->aes, bytes.at + NAME_BYTES, AES_BYTES);
    memcpy(key->mac, bytes.at + NAME_BYTES + AES_BYTES, MAC_BYTES);
    key->there = true;
}

bool tls_tickets_set(struct tls_ticket_keys *keys, uint64_t generation, struct slice current,
                     struct slice previous)
{
    if ((current.len && current.len != TLS_TICKET_KEY_BYTES) ||
        (previous.len && previous.len != TLS_TICKET_KEY_BYTES))
        return false;
    key_set(&keys->current, current);
    key_set(&keys->previous, previous);
    keys->generation = generation;
    return true;
}

uint64_t tls_tickets_generation(const struct tls_ticket_keys *keys)
{
    return keys->generation;
}

bool tls_tickets_ready(const struct tls_ticket_keys *keys)
{
    return keys && keys->current.there;
}

static const struct ticket_key *key_by_name(const struct tls_ticket_keys *keys,
                                            const unsigned char *name)
{
    const struct ticket_key *both[] = {&keys->current, &keys->previous};
    for (size_t i = 0; i < COUNT_OF(both); i++)
        if (both[i]->there && memcmp(both[i]->name, name, NAME_BYTES) == 0)
            return both[i];
    return NULL;
}

static bool key_mac(const struct ticket_key *key, EVP_MAC_CTX *mac)
{
    unsigned char bytes[MAC_BYTES];
    char digest[] = "SHA256";
    memcpy(bytes, key->mac, sizeof bytes);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes, sizeof bytes),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    bool ok = EVP_MAC_CTX_set_params(mac, params) == 1;
    OPENSSL_cleanse(bytes, sizeof bytes);
    return ok;
}

static const struct tls_ticket_binding *binding_of(SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

static int issue(const struct tls_ticket_keys *keys, unsigned char *name, unsigned char *iv,
                 EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    const struct ticket_key *key = &keys->current;
    if (!key->there)
        return TICKET_NONE;
    memcpy(name, key->name, NAME_BYTES);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(keys->cipher)) != 1 ||
        EVP_EncryptInit_ex2(cipher, keys->cipher, key->aes, iv, NULL) != 1 || !key_mac(key, mac))
        return TICKET_ERROR;
    return TICKET_USE;
}

static int take_back(const struct tls_ticket_keys *keys, const unsigned char *name,
                     const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    const struct ticket_key *key = key_by_name(keys, name);
    if (!key)
        return TICKET_NONE;
    if (EVP_DecryptInit_ex2(cipher, keys->cipher, key->aes, iv, NULL) != 1 || !key_mac(key, mac))
        return TICKET_ERROR;
    return key == &keys->current ? TICKET_USE : TICKET_USE_AND_RENEW;
}

static int on_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                  EVP_MAC_CTX *mac, int encrypt)
{
    const struct tls_ticket_keys *keys = binding_of(ssl)->keys;
    if (!keys)
        return TICKET_NONE;
    return encrypt ? issue(keys, name, iv, cipher, mac) : take_back(keys, name, iv, cipher, mac);
}

/* The second lock: the session context travels inside the ticket and is compared here, so that a
 * mistake with session ids alone never resumes another connector's session. */
static int on_issue(SSL *ssl, void *argument)
{
    (void)argument;
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), binding_of(ssl)->session_context,
                                           TLS_SESSION_CONTEXT_BYTES);
}

static SSL_TICKET_RETURN on_return(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                   size_t name_len, SSL_TICKET_STATUS status, void *argument)
{
    void *inside = NULL;
    size_t len = 0;
    (void)name;
    (void)name_len;
    (void)argument;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (SSL_SESSION_get0_ticket_appdata(session, &inside, &len) != 1 ||
        len != TLS_SESSION_CONTEXT_BYTES ||
        CRYPTO_memcmp(inside, binding_of(ssl)->session_context, TLS_SESSION_CONTEXT_BYTES) != 0)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

bool tls_tickets_install(struct tls_ticket_binding *binding, SSL_CTX *ctx)
{
    SSL_CTX_set_timeout(ctx, LIFETIME_S);
    return SSL_CTX_set_app_data(ctx, binding) == 1 &&
           SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_key) == 1 &&
           SSL_CTX_set_session_ticket_cb(ctx, on_issue, on_return, NULL) == 1;
}
