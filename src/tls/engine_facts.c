/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate_list.h"
#include "tls/context_state.h"
#include "tls/engine_state.h"

#include <openssl/err.h>
#include <openssl/evp.h>

enum { CHAIN_BYTES_MAX = 256 * 1024 };

struct slice tls_engine_version(const struct tls_engine *engine)
{
    static const struct {
        int version;
        struct slice name;
    } rows[] = {
        {TLS_1_3, SLICE_INIT("TLS1.3")},
        {TLS_1_2, SLICE_INIT("TLS1.2")},
        {TLS_1_1, SLICE_INIT("TLS1.1")},
        {TLS_1_0, SLICE_INIT("TLS1.0")},
    };
    for (size_t i = 0; engine->done && i < COUNT_OF(rows); i++)
        if (rows[i].version == SSL_version(engine->ssl))
            return rows[i].name;
    return (struct slice){0};
}

struct slice tls_engine_cipher(const struct tls_engine *engine)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(engine->ssl);
    return slice_of(cipher ? SSL_CIPHER_get_name(cipher) : NULL);
}

int tls_engine_cipher_bits(const struct tls_engine *engine)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(engine->ssl);
    return cipher ? SSL_CIPHER_get_bits(cipher, NULL) : 0;
}

struct slice tls_engine_group(const struct tls_engine *engine)
{
    static const struct {
        int nid;
        struct slice name;
    } rows[] = {
        {NID_X25519, SLICE_INIT("X25519")},   {NID_X9_62_prime256v1, SLICE_INIT("P-256")},
        {NID_secp384r1, SLICE_INIT("P-384")}, {NID_secp521r1, SLICE_INIT("P-521")},
        {NID_X448, SLICE_INIT("X448")},
    };
    int nid = engine->done ? (int)SSL_get_negotiated_group(engine->ssl) : NID_undef;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].nid == nid)
            return rows[i].name;
    return (struct slice){0};
}

struct slice tls_engine_signature(const struct tls_engine *engine)
{
    static const struct {
        int nid;
        struct slice name;
    } rows[] = {
        {EVP_PKEY_RSA, SLICE_INIT("RSA")},
        {EVP_PKEY_RSA_PSS, SLICE_INIT("RSA-PSS")},
        {EVP_PKEY_EC, SLICE_INIT("ECDSA")},
        {EVP_PKEY_ED25519, SLICE_INIT("ED25519")},
    };
    int nid = NID_undef;
    if (SSL_get_peer_signature_type_nid(engine->ssl, &nid) != 1)
        return (struct slice){0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].nid == nid)
            return rows[i].name;
    return (struct slice){0};
}

bool tls_engine_certificate_asked(const struct tls_engine *engine)
{
    return engine->certificate_asked;
}

bool tls_engine_resumed(const struct tls_engine *engine)
{
    return engine->done && SSL_session_reused(engine->ssl) == 1;
}

struct slice tls_engine_server_name(const struct tls_engine *engine, bool *out_asked)
{
    if (out_asked)
        *out_asked = engine->asked;
    return engine->server ? text_slice(&engine->name) : (struct slice){0};
}

/* OpenSSL's list has the leaf on a client and lacks it on a server. */
static X509 *peer_certificate(const struct tls_engine *engine, size_t index)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(engine->ssl);
    if (index == 0)
        return SSL_get0_peer_certificate(engine->ssl);
    size_t at = engine->server ? index - 1 : index;
    return at < (size_t)(chain ? sk_X509_num(chain) : 0) ? sk_X509_value(chain, (int)at) : NULL;
}

bool tls_engine_peer_certificate(const struct tls_engine *engine, size_t index,
                                 struct text *out_der)
{
    X509 *certificate = peer_certificate(engine, index);
    return certificate && certificate_to_der(certificate, out_der);
}

static const struct tls_trust *trust_of(const struct tls_engine *engine)
{
    return engine->chosen ? engine->chosen->trust : engine->context->trust;
}

struct peer_chain {
    struct text der;
    struct slice certificates[TLS_CHAIN_MAX];
    size_t count;
};

static void peer_chain_deinit(struct peer_chain *chain)
{
    text_deinit(&chain->der);
}

/* The slices come last: the text may move while it grows. */
static void read_peer_chain(const struct tls_engine *engine, struct peer_chain *chain)
{
    size_t ends[TLS_CHAIN_MAX];
    chain->der = text_with_ceiling(CHAIN_BYTES_MAX);
    while (chain->count < TLS_CHAIN_MAX &&
           tls_engine_peer_certificate(engine, chain->count, &chain->der))
        ends[chain->count++] = chain->der.len;
    for (size_t i = 0; i < chain->count; i++) {
        size_t start = i ? ends[i - 1] : 0;
        chain->certificates[i] = slice_bytes(chain->der.at + start, ends[i] - start);
    }
}

void tls_engine_verdict(const struct tls_engine *engine, int64_t at_ms, struct verdict *out_verdict)
{
    CLEANUP(peer_chain_deinit) struct peer_chain chain = {0};
    read_peer_chain(engine, &chain);
    if (engine->server)
        verify_client_chain(chain.certificates, chain.count, trust_of(engine), at_ms, out_verdict);
    else
        verify_chain(chain.certificates, chain.count, trust_of(engine), text_slice(&engine->name),
                     at_ms, out_verdict);
}

void tls_engine_dane_verdict(const struct tls_engine *engine, const struct dane_question *question,
                             int64_t at_ms, struct dane_verdict *out_verdict)
{
    CLEANUP(peer_chain_deinit) struct peer_chain chain = {0};
    read_peer_chain(engine, &chain);
    dane_judge(question, chain.certificates, chain.count, at_ms, out_verdict);
}

size_t tls_engine_end_point_binding(const struct tls_engine *engine, unsigned char out_hash[64])
{
    const X509 *certificate =
        engine->server ? SSL_get_certificate(engine->ssl) : SSL_get0_peer_certificate(engine->ssl);
    int digest = NID_undef;
    unsigned len = 0;
    unsigned char hash[EVP_MAX_MD_SIZE];
    if (!certificate ||
        OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, NULL) != 1)
        return 0;
    if (digest == NID_md5 || digest == NID_sha1) /* RFC 5929 4.1 */
        digest = NID_sha256;
    const EVP_MD *md = EVP_get_digestbynid(digest);
    if (!md || X509_digest(certificate, md, hash, &len) != 1 || len > 64)
        return 0;
    for (unsigned i = 0; i < len; i++)
        out_hash[i] = hash[i];
    return len;
}

/* The context is the empty string, which in TLS 1.2 is not the same as none. */
bool tls_engine_exporter_binding(const struct tls_engine *engine,
                                 unsigned char out[TLS_EXPORTER_BINDING_BYTES])
{
    static const char label[] = "EXPORTER-Channel-Binding";
    static const unsigned char context[1];
    SSL *ssl = engine->ssl;
    bool unique = SSL_version(ssl) >= TLS_1_3 || SSL_get_extms_support(ssl) == 1;
    return engine->done && !engine->failed && unique &&
           SSL_export_keying_material(ssl, out, TLS_EXPORTER_BINDING_BYTES, label, sizeof label - 1,
                                      context, 0, 1) == 1;
}
