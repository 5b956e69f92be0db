/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine looks at in a client's hello: the name asked for, and ALPN. And alerts. */
#include "tls/context_state.h"
#include "tls/engine_state.h"
#include "tls/host_name.h"

#include <openssl/tls1.h>

struct tls_engine *engine_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

static bool take_u16(struct slice *rest, size_t *out_number)
{
    if (rest->len < 2)
        return false;
    *out_number = (size_t)(unsigned char)rest->at[0] << 8 | (unsigned char)rest->at[1];
    *rest = slice_after(*rest, 2);
    return true;
}

/* RFC 6066 3: a list of (type, name); type 0 is host_name, and there is only one of it. */
static struct slice server_name_in(struct slice extension)
{
    size_t list_len, name_len;
    if (!take_u16(&extension, &list_len) || list_len != extension.len ||
        !slice_take_prefix(&extension, SLICE("\0")) || !take_u16(&extension, &name_len) ||
        name_len != extension.len)
        return (struct slice){0};
    return extension;
}

static void keep_server_name(struct tls_engine *engine, SSL *ssl)
{
    const unsigned char *bytes;
    size_t len;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &len) != 1)
        return;
    struct slice name = server_name_in(slice_bytes(bytes, len));
    engine->asked = true;
    text_clear(&engine->name);
    if (host_name_ok(name, false))
        text_append_lower(&engine->name, name);
}

/* --- what the client can verify --- */

static unsigned verifies_scheme(size_t scheme)
{
    static const struct {
        uint16_t scheme;
        unsigned verifies;
    } schemes[] = {
        {0x0401, TLS_VERIFIES_RSA},     {0x0501, TLS_VERIFIES_RSA},
        {0x0601, TLS_VERIFIES_RSA},     {0x0804, TLS_VERIFIES_RSA},
        {0x0805, TLS_VERIFIES_RSA},     {0x0806, TLS_VERIFIES_RSA},
        {0x0809, TLS_VERIFIES_RSA_PSS}, {0x080a, TLS_VERIFIES_RSA_PSS},
        {0x080b, TLS_VERIFIES_RSA_PSS}, {0x0403, TLS_VERIFIES_ECDSA},
        {0x0503, TLS_VERIFIES_ECDSA},   {0x0603, TLS_VERIFIES_ECDSA},
        {0x0807, TLS_VERIFIES_ED25519},
    };
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (schemes[i].scheme == scheme)
            return schemes[i].verifies;
    return 0;
}

/* RFC 8446 4.2.3, RFC 5246 7.4.1.4.1: a list of schemes. */
static unsigned verifies_schemes(SSL *ssl)
{
    const unsigned char *bytes;
    size_t len, list_len, scheme;
    unsigned verifies = 0;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_signature_algorithms, &bytes, &len) != 1)
        return 0;
    struct slice list = slice_bytes(bytes, len);
    if (!take_u16(&list, &list_len) || list_len != list.len)
        return 0;
    while (take_u16(&list, &scheme))
        verifies |= verifies_scheme(scheme);
    return verifies;
}

/* RFC 8446 4.2.1; without the extension the client knows nothing newer than TLS 1.2. */
static bool knows_tls_1_3(SSL *ssl)
{
    const unsigned char *bytes;
    size_t len, version;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &bytes, &len) != 1 || !len)
        return false;
    struct slice list = slice_after(slice_bytes(bytes, len), 1);
    while (take_u16(&list, &version))
        if (version == TLS1_3_VERSION)
            return true;
    return false;
}

/* In TLS 1.2 the cipher suite names the kind of key, too (those of tls/context). */
static unsigned verifies_suites(SSL *ssl)
{
    static const struct {
        uint16_t suite;
        unsigned verifies;
    } suites[] = {
        {0xc02b, TLS_VERIFIES_ECDSA | TLS_VERIFIES_ED25519},
        {0xc02c, TLS_VERIFIES_ECDSA | TLS_VERIFIES_ED25519},
        {0xc009, TLS_VERIFIES_ECDSA},
        {0xc00a, TLS_VERIFIES_ECDSA},
        {0xc02f, TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS},
        {0xc030, TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS},
        {0xc027, TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS},
        {0xc028, TLS_VERIFIES_RSA | TLS_VERIFIES_RSA_PSS},
        {0xc013, TLS_VERIFIES_RSA},
        {0xc014, TLS_VERIFIES_RSA},
    };
    const unsigned char *bytes;
    size_t len = SSL_client_hello_get0_ciphers(ssl, &bytes), suite;
    struct slice list = slice_bytes(bytes, len);
    unsigned verifies = 0;
    while (take_u16(&list, &suite))
        for (size_t i = 0; i < COUNT_OF(suites); i++)
            if (suites[i].suite == suite)
                verifies |= suites[i].verifies;
    return verifies;
}

/* A client of TLS 1.1 or older has no list of schemes: its suites say it all. */
static unsigned verifies(SSL *ssl)
{
    unsigned schemes = verifies_schemes(ssl);
    if (knows_tls_1_3(ssl))
        return schemes;
    unsigned suites = verifies_suites(ssl);
    return schemes ? schemes & suites : suites;
}

/* Never in the servername or certificate callbacks: there a session of the first context would be
 * resumed before the choice is made. */
static bool change_context(struct tls_engine *engine, SSL *ssl, struct tls_context *chosen)
{
    if (!chosen || chosen == engine->context || !chosen->server)
        return true;
    if (!SSL_set_SSL_CTX(ssl, chosen->ctx))
        return false;
    tls_context_unref(engine->chosen);
    engine->chosen = tls_context_ref(chosen);
    return (chosen->ciphers == engine->context->ciphers ||
            SSL_set_cipher_list(ssl, chosen->ciphers) == 1) &&
           SSL_set_session_id_context(ssl, chosen->binding.session_context,
                                      TLS_SESSION_CONTEXT_BYTES) == 1;
}

int engine_on_hello(SSL *ssl, int *out_alert, void *argument)
{
    struct tls_engine *engine = engine_of(ssl);
    (void)argument;
    keep_server_name(engine, ssl);
    tls_choose_fn *choose = engine->choose;
    engine->choose = NULL; /* a second hello (HelloRetryRequest) changes nothing any more */
    if (!choose)
        return SSL_CLIENT_HELLO_SUCCESS;
    struct tls_hello hello = {.server_name = text_slice(&engine->name), .verifies = verifies(ssl)};
    if (change_context(engine, ssl, choose(engine->chooser, &hello)))
        return SSL_CLIENT_HELLO_SUCCESS;
    *out_alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

/* RFC 7301 3.2; the guard against cross-protocol requests: who asks for anything else is refused.
 */
int engine_on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *offered, unsigned offered_len, void *argument)
{
    struct slice rest = slice_bytes(offered, offered_len);
    (void)ssl;
    (void)argument;
    while (rest.len) {
        struct slice name = slice_first(slice_after(rest, 1), (unsigned char)rest.at[0]);
        rest = slice_after(rest, 1 + name.len);
        if (slice_equal(name, SLICE("smtp"))) {
            *out = (const unsigned char *)name.at;
            *out_len = (unsigned char)name.len;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* value: level in the upper byte (2 = fatal), number in the lower. */
void engine_on_info(const SSL *ssl, int where, int value)
{
    struct tls_engine *engine = engine_of(ssl);
    if (!engine || !(where & SSL_CB_ALERT) || value >> 8 != SSL3_AL_FATAL)
        return;
    int *kept = where & SSL_CB_READ ? &engine->alert_received : &engine->alert_sent;
    *kept = value & 0xff;
}

int engine_on_certificate_request(SSL *ssl, void *argument)
{
    (void)argument;
    struct tls_engine *engine = engine_of(ssl);
    if (engine)
        engine->certificate_asked = true;
    return 1; /* go on with what the context has */
}
