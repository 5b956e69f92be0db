/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/context.h"

#include "base/text.h"
#include "os/clock.h"
#include "tls/certificate_list.h"
#include "tls/context_state.h"
#include "tls/remote_key.h"
#include "tls/signer.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEER_CHAIN_MAX_BYTES = 64 * 1024,
    SERVER_LEVEL = 2, /* at least 112 bits of security */
    CLIENT_LEVEL = 1, /* old servers are judged by the verdict, not cut off */
    LEGACY_LEVEL = 0, /* TLS 1.0 and 1.1 sign with SHA-1 */
};

/* What one side is made with, server or client. */
struct making {
    const struct slice *chain;
    size_t chain_count;
    struct slice spki, local_key;
    uint64_t key_handle;
    uint16_t min_version, max_version;
};

/* Few and strong; the CBC ones are for servers of 2012, whose other choice is no encryption. */
#define ECDSA_CIPHERS "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
#define RSA_CIPHERS                                                                                \
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"                                     \
    "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256"
#define LEGACY_ECDSA ":ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA"
#define LEGACY_RSA ":ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA"
#define NO_RSA_EXCHANGE ":!kRSA:!aNULL:!eNULL"

static const char suites[] = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
/* A defence, not a saving: one packet that insists on ffdhe8192 would buy 0.12 s of CPU. */
static const char groups[] = "X25519:P-256";
/* What tls/scheme can say. */
static const char signatures[] =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:rsa_pss_pss_sha256:rsa_pss_pss_sha384:"
    "rsa_pss_pss_sha512:rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "RSA+SHA256:RSA+SHA384:RSA+SHA512";

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static int on_peer_chain(X509_STORE_CTX *store, void *argument)
{
    (void)store;
    (void)argument;
    return 1; /* collected, and judged by tls_engine_verdict */
}

static bool set_versions(SSL_CTX *ctx, struct making *making)
{
    uint16_t lowest = making->min_version ? making->min_version : TLS_1_2;
    uint16_t highest = making->max_version ? making->max_version : TLS_1_3;
    if (lowest < TLS_1_0 || highest > TLS_1_3 || lowest > highest)
        return false;
    making->min_version = lowest;
    making->max_version = highest;
    return SSL_CTX_set_min_proto_version(ctx, lowest) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, highest) == 1;
}

static void set_common(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ctx, PEER_CHAIN_MAX_BYTES);
    SSL_CTX_set_cert_verify_callback(ctx, on_peer_chain, NULL);
    SSL_CTX_set_info_callback(ctx, engine_on_info);
}

static int (*standard_strength)(const SSL *ssl, const SSL_CTX *ctx, int operation, int bits,
                                int nid, void *other, void *extra);

/* What is weak in a certificate of our own was said when it came. It is shown all the same: a
 * client that minds goes away, and to withdraw STARTTLS would leave the others in clear. */
static int judge_strength(const SSL *ssl, const SSL_CTX *ctx, int operation, int bits, int nid,
                          void *other, void *extra)
{
    bool own = operation == SSL_SECOP_EE_KEY || operation == SSL_SECOP_CA_KEY ||
               operation == SSL_SECOP_CA_MD;
    return own || standard_strength(ssl, ctx, operation, bits, nid, other, extra);
}

static void show_weak_ones_too(SSL_CTX *ctx)
{
    standard_strength = SSL_CTX_get_security_callback(ctx);
    SSL_CTX_set_security_callback(ctx, judge_strength);
}

static bool put_chain(SSL_CTX *ctx, STACK_OF(X509) * chain)
{
    for (int i = 1; i < sk_X509_num(chain); i++) {
        X509 *certificate = sk_X509_value(chain, i);
        if (X509_self_signed(certificate, 0) == 1)
            continue; /* a root: the peer has it or does not believe it */
        if (SSL_CTX_add1_chain_cert(ctx, certificate) != 1)
            return false;
    }
    return true;
}

static int make_key(const struct making *making, X509 *leaf, EVP_PKEY **out)
{
    unsigned char *der = NULL;
    if (making->local_key.len)
        return signer_key_new(making->local_key, out);
    if (making->spki.len)
        return remote_key_new(making->key_handle, making->spki, out);
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &der);
    int result =
        len <= 0 ? -EINVAL : remote_key_new(making->key_handle, slice_bytes(der, (size_t)len), out);
    OPENSSL_free(der);
    return result;
}

static int put_certificate(SSL_CTX *ctx, const struct making *making)
{
    if (!making->chain_count || making->chain_count > TLS_CHAIN_MAX)
        return TLS_CONTEXT_BAD_CERTIFICATE;
    CLEANUP(certificate_list_free)
    STACK_OF(X509) *chain = certificate_list_from_der(making->chain, making->chain_count);
    if (!chain)
        return TLS_CONTEXT_BAD_CERTIFICATE;
    CLEANUP(free_key) EVP_PKEY *key = NULL;
    X509 *leaf = sk_X509_value(chain, 0);
    int result = make_key(making, leaf, &key);
    if (result < 0)
        return result == -ENOMEM ? result : TLS_CONTEXT_BAD_KEY;
    if (X509_check_private_key(leaf, key) != 1)
        return TLS_CONTEXT_KEY_MISMATCH;
    show_weak_ones_too(ctx);
    if (SSL_CTX_use_certificate(ctx, leaf) != 1 || !put_chain(ctx, chain))
        return TLS_CONTEXT_BAD_CERTIFICATE;
    if (SSL_CTX_use_PrivateKey(ctx, key) != 1)
        return TLS_CONTEXT_BAD_KEY;
    return SSL_CTX_check_private_key(ctx) == 1 ? TLS_CONTEXT_OK : TLS_CONTEXT_KEY_MISMATCH;
}

/* The short list of the key's kind: what cannot be chosen need not be looked at. */
static const char *server_ciphers(const SSL_CTX *ctx, bool legacy)
{
    const EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx);
    bool rsa = EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS");
    if (legacy)
        return rsa ? RSA_CIPHERS LEGACY_RSA NO_RSA_EXCHANGE
                   : ECDSA_CIPHERS LEGACY_ECDSA NO_RSA_EXCHANGE;
    return rsa ? RSA_CIPHERS NO_RSA_EXCHANGE : ECDSA_CIPHERS NO_RSA_EXCHANGE;
}

static bool set_lists(SSL_CTX *ctx, const char *ciphers)
{
    return SSL_CTX_set_ciphersuites(ctx, suites) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1 &&
           SSL_CTX_set1_sigalgs_list(ctx, signatures) == 1 &&
           SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

static bool set_resumption(struct tls_context *context, const struct tls_context_settings *settings)
{
    SSL_CTX *ctx = context->ctx;
    context->binding.keys = settings->tickets;
    memcpy(context->binding.session_context, settings->session_context, TLS_SESSION_CONTEXT_BYTES);
    if (!settings->tickets)
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(ctx, settings->tickets ? 1 : 0) == 1 &&
           SSL_CTX_set_session_id_context(ctx, settings->session_context,
                                          TLS_SESSION_CONTEXT_BYTES) == 1 &&
           tls_tickets_install(&context->binding, ctx);
}

/* The library frees what it is given, once the handshake has it. */
static int on_status_request(SSL *ssl, void *argument)
{
    const struct tls_context *context = argument;
    if (clock_wall_ms() >= context->staple_until_ms)
        return SSL_TLSEXT_ERR_NOACK;
    unsigned char *copy = OPENSSL_memdup(context->staple, context->staple_len);
    if (!copy || SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)context->staple_len) != 1) {
        OPENSSL_free(copy);
        return SSL_TLSEXT_ERR_NOACK; /* a handshake without a staple is better than none */
    }
    return SSL_TLSEXT_ERR_OK;
}

static bool set_staple(struct tls_context *context, const struct tls_context_settings *settings)
{
    if (!settings->staple.len)
        return true;
    context->staple = OPENSSL_memdup(settings->staple.at, settings->staple.len);
    context->staple_len = settings->staple.len;
    context->staple_until_ms = settings->staple_until_ms;
    SSL_CTX_set_tlsext_status_cb(context->ctx, on_status_request);
    SSL_CTX_set_tlsext_status_arg(context->ctx, context);
    return context->staple != NULL;
}

static int set_server(struct tls_context *context, const struct tls_context_settings *settings)
{
    struct making making = {.chain = settings->chain,
                            .chain_count = settings->chain_count,
                            .spki = settings->spki,
                            .local_key = settings->local_key,
                            .key_handle = settings->key_handle,
                            .min_version = settings->min_version,
                            .max_version = settings->max_version};
    SSL_CTX *ctx = context->ctx;
    if (!set_versions(ctx, &making))
        return TLS_CONTEXT_BAD_POLICY;
    bool legacy = making.min_version < TLS_1_2;
    SSL_CTX_set_security_level(ctx, legacy ? LEGACY_LEVEL : SERVER_LEVEL);
    set_common(ctx);
    SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_alpn_select_cb(ctx, engine_on_alpn, NULL);
    SSL_CTX_set_client_hello_cb(ctx, engine_on_hello, NULL);
    if (settings->ask_client_certificate)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    int result = put_certificate(ctx, &making);
    if (result != TLS_CONTEXT_OK)
        return result;
    if (!set_staple(context, settings))
        return -ENOMEM;
    context->ciphers = server_ciphers(ctx, legacy);
    return set_lists(ctx, context->ciphers) && set_resumption(context, settings)
               ? TLS_CONTEXT_OK
               : TLS_CONTEXT_BAD_POLICY;
}

/* Up to TLS 1.2 the cipher suites name the kinds of keys, too; Ed25519 counts as ECDSA there. */
static bool set_verifies(SSL_CTX *ctx, unsigned verifies)
{
    static const struct {
        unsigned verifies;
        const char *schemes;
    } kinds[] = {
        {TLS_VERIFIES_ECDSA, "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:"},
        {TLS_VERIFIES_ED25519, "ed25519:"},
        {TLS_VERIFIES_RSA_PSS, "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"},
        {TLS_VERIFIES_RSA, "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
                           "RSA+SHA256:RSA+SHA384:RSA+SHA512:"},
    };
    char storage[sizeof signatures + 2];
    struct text schemes = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (verifies & kinds[i].verifies)
            text_append_c(&schemes, kinds[i].schemes);
    if (schemes.len)
        schemes.len--; /* the last colon */
    const char *list = text_c_string(&schemes);
    bool rsa = verifies & (TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS);
    bool ecdsa = verifies & (TLS_VERIFIES_ECDSA | TLS_VERIFIES_ED25519);
    const char *ciphers = !ecdsa ? "DEFAULT:!aECDSA" : !rsa ? "DEFAULT:!aRSA" : "DEFAULT";
    return list && SSL_CTX_set1_sigalgs_list(ctx, list) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers) == 1;
}

static int set_client(struct tls_context *context, const struct tls_client_settings *settings)
{
    struct making making = {.chain = settings->chain,
                            .chain_count = settings->chain_count,
                            .local_key = settings->local_key,
                            .key_handle = settings->key_handle,
                            .min_version = settings->min_version,
                            .max_version = settings->max_version};
    SSL_CTX *ctx = context->ctx;
    if (!set_versions(ctx, &making))
        return TLS_CONTEXT_BAD_POLICY;
    SSL_CTX_set_security_level(ctx, making.min_version < TLS_1_2 ? LEGACY_LEVEL : CLIENT_LEVEL);
    set_common(ctx);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_cb(ctx, engine_on_certificate_request, NULL);
    if (settings->verifies && !set_verifies(ctx, settings->verifies))
        return TLS_CONTEXT_BAD_POLICY;
    return making.chain_count ? put_certificate(ctx, &making) : TLS_CONTEXT_OK;
}

static struct tls_context *context_new(bool server)
{
    struct tls_context *context = calloc(1, sizeof *context);
    if (!context)
        return NULL;
    context->references = 1;
    context->server = server;
    context->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (context->ctx)
        return context;
    free(context);
    return NULL;
}

static int finish(struct tls_context *context, int result, struct tls_context **out)
{
    *out = result == TLS_CONTEXT_OK ? context : NULL;
    if (result != TLS_CONTEXT_OK)
        tls_context_unref(context);
    ERR_clear_error();
    return result;
}

int tls_context_new_server(const struct tls_context_settings *settings, struct tls_context **out)
{
    struct tls_context *context = context_new(true);
    *out = NULL;
    if (!context)
        return -ENOMEM;
    context->trust = settings->trust;
    return finish(context, set_server(context, settings), out);
}

int tls_context_new_client(const struct tls_client_settings *settings, struct tls_context **out)
{
    struct tls_context *context = context_new(false);
    *out = NULL;
    if (!context)
        return -ENOMEM;
    context->trust = settings->trust;
    return finish(context, set_client(context, settings), out);
}

struct tls_context *tls_context_ref(struct tls_context *context)
{
    if (context)
        context->references++;
    return context;
}

void tls_context_unref(struct tls_context *context)
{
    if (!context || --context->references)
        return;
    SSL_CTX_free(context->ctx);
    OPENSSL_free(context->staple);
    free(context);
}

void tls_context_set_trust(struct tls_context *context, const struct tls_trust *trust)
{
    context->trust = trust;
}
