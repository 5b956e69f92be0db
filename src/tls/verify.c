/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/verify.h"

#include "base/arena.h"
#include "tls/certificate_facts.h"
#include "tls/certificate_list.h"
#include "tls/host_name.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum {
    DEPTH_MAX = 10,
    STRENGTH_LEVEL = 2, /* RSA 2048 and SHA-256 at least */
    FACTS_MAX_BYTES = 512 * 1024,
    PEM_MAX_BYTES = 16 * 1024 * 1024,
};

struct tls_trust {
    X509_STORE *store;
};

/* clang-format off */
static const struct finding {
    const char *name, *text;
} findings[VERIFY_FINDING_COUNT] = {
    [VERIFY_OK]               = {"OK",              "The certificate is valid for this name."},
    [VERIFY_NO_CERTIFICATE]   = {"NoCertificate",   "No certificate was presented."},
    [VERIFY_MALFORMED]        = {"Malformed",       "A certificate cannot be read."},
    [VERIFY_EXPIRED]          = {"Expired",         "A certificate of the chain has expired."},
    [VERIFY_NOT_YET_VALID]    = {"NotYetValid",     "A certificate of the chain is not valid yet."},
    [VERIFY_SELF_SIGNED]      = {"SelfSigned",      "The certificate is self-signed and not among the trusted roots."},
    [VERIFY_CHAIN_INCOMPLETE] = {"ChainIncomplete", "The certificate of an issuer is missing: the server does not send it."},
    [VERIFY_UNTRUSTED_ROOT]   = {"UntrustedRoot",   "The chain ends in a root that is not trusted."},
    [VERIFY_BAD_SIGNATURE]    = {"BadSignature",    "A signature in the chain is wrong."},
    [VERIFY_NOT_AN_AUTHORITY] = {"NotAnAuthority",  "An issuer in the chain may not issue certificates, or the chain is too long."},
    [VERIFY_CONSTRAINED]      = {"Constrained",     "An issuer of the chain may not issue for this name."},
    [VERIFY_WRONG_PURPOSE]    = {"WrongPurpose",    "The certificate is not meant for TLS."},
    [VERIFY_WEAK]             = {"Weak",            "A key is too short or a signature uses an outdated digest."},
    [VERIFY_NAME_MISMATCH]    = {"NameMismatch",    "The certificate is for other names."},
    [VERIFY_OTHER]            = {"Other",           "The certificate is refused for another reason."},
};

static const struct {
    int error;
    enum verify_finding finding;
} error_rows[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED,                     VERIFY_EXPIRED},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD,        VERIFY_MALFORMED},
    {X509_V_ERR_CERT_NOT_YET_VALID,                   VERIFY_NOT_YET_VALID},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD,       VERIFY_MALFORMED},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,          VERIFY_SELF_SIGNED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,            VERIFY_UNTRUSTED_ROOT},
    {X509_V_ERR_CERT_UNTRUSTED,                       VERIFY_UNTRUSTED_ROOT},
    {X509_V_ERR_CERT_REJECTED,                        VERIFY_UNTRUSTED_ROOT},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,            VERIFY_CHAIN_INCOMPLETE},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,    VERIFY_CHAIN_INCOMPLETE},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,      VERIFY_CHAIN_INCOMPLETE},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE,               VERIFY_BAD_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE,     VERIFY_BAD_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY,   VERIFY_MALFORMED},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH,         VERIFY_BAD_SIGNATURE},
    {X509_V_ERR_INVALID_CA,                           VERIFY_NOT_AN_AUTHORITY},
    {X509_V_ERR_INVALID_NON_CA,                       VERIFY_NOT_AN_AUTHORITY},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED,                 VERIFY_NOT_AN_AUTHORITY},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG,                  VERIFY_NOT_AN_AUTHORITY},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN,                 VERIFY_NOT_AN_AUTHORITY},
    {X509_V_ERR_PERMITTED_VIOLATION,                  VERIFY_CONSTRAINED},
    {X509_V_ERR_EXCLUDED_VIOLATION,                   VERIFY_CONSTRAINED},
    {X509_V_ERR_SUBTREE_MINMAX,                       VERIFY_CONSTRAINED},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE,          VERIFY_CONSTRAINED},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX,        VERIFY_CONSTRAINED},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX,              VERIFY_CONSTRAINED},
    {X509_V_ERR_INVALID_PURPOSE,                      VERIFY_WRONG_PURPOSE},
    {X509_V_ERR_EE_KEY_TOO_SMALL,                     VERIFY_WEAK},
    {X509_V_ERR_CA_KEY_TOO_SMALL,                     VERIFY_WEAK},
    {X509_V_ERR_CA_MD_TOO_WEAK,                       VERIFY_WEAK},
    {X509_V_ERR_INVALID_EXTENSION,                    VERIFY_MALFORMED},
};
/* clang-format on */

struct tls_trust *tls_trust_new(void)
{
    struct tls_trust *trust = calloc(1, sizeof *trust);
    if (!trust)
        return NULL;
    trust->store = X509_STORE_new();
    if (trust->store)
        return trust;
    free(trust);
    return NULL;
}

void tls_trust_free(struct tls_trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}

bool tls_trust_add(struct tls_trust *trust, struct slice der)
{
    CLEANUP(certificate_free) X509 *certificate = certificate_from_der(der);
    return certificate && X509_STORE_add_cert(trust->store, certificate) == 1;
}

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

size_t tls_trust_add_pem(struct tls_trust *trust, struct slice pem)
{
    if (!pem.len || pem.len > PEM_MAX_BYTES)
        return 0;
    CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    size_t added = 0, left = bio ? pem.len : 0;
    while (left) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        added += certificate && X509_STORE_add_cert(trust->store, certificate) == 1;
        X509_free(certificate);
        size_t before = left;
        left = (size_t)BIO_ctrl_pending(bio);
        if (!certificate && left == before)
            break;
    }
    ERR_clear_error();
    return added;
}

bool tls_trust_give(const struct tls_trust *trust, struct ssl_ctx_st *context)
{
    SSL_CTX_set1_cert_store(context, trust->store);
    return SSL_CTX_get_cert_store(context) == trust->store;
}

static void found(struct verdict *verdict, enum verify_finding finding, int depth)
{
    unsigned bit = 1u << finding;
    if (verdict->mask & bit)
        return;
    verdict->mask |= bit;
    verdict->depth[finding] = depth;
}

/* Notes what OpenSSL dislikes, and lets it go on to the next thing. The error is taken back: while
 * it stands, a later step reports it again in the place of its own. */
static int on_error(int ok, X509_STORE_CTX *store)
{
    if (ok)
        return 1;
    struct verdict *verdict = X509_STORE_CTX_get_app_data(store);
    int error = X509_STORE_CTX_get_error(store);
    enum verify_finding finding = VERIFY_OTHER;
    for (size_t i = 0; i < COUNT_OF(error_rows); i++)
        if (error_rows[i].error == error)
            finding = error_rows[i].finding;
    found(verdict, finding, X509_STORE_CTX_get_error_depth(store));
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static void free_store_context(X509_STORE_CTX **store)
{
    X509_STORE_CTX_free(*store);
}

static void free_store(X509_STORE **store)
{
    X509_STORE_free(*store);
}

bool tls_trust_issuer(const struct tls_trust *trust, struct slice certificate, struct text *out_der)
{
    X509 *issuer = NULL;
    CLEANUP(certificate_free) X509 *issued = certificate_from_der(certificate);
    CLEANUP(free_store_context) X509_STORE_CTX *store = X509_STORE_CTX_new();
    bool found = issued && store && X509_STORE_CTX_init(store, trust->store, issued, NULL) == 1 &&
                 X509_STORE_CTX_get1_issuer(&issuer, store, issued) == 1 &&
                 certificate_issued_by(issued, issuer) && certificate_to_der(issuer, out_der);
    X509_free(issuer);
    ERR_clear_error();
    return found;
}

static bool judge_chain(STACK_OF(X509) * chain, const struct tls_trust *trust, bool as_server,
                        int64_t at_ms, struct verdict *verdict)
{
    CLEANUP(free_store) X509_STORE *empty = trust ? NULL : X509_STORE_new();
    CLEANUP(free_store_context) X509_STORE_CTX *store = X509_STORE_CTX_new();
    if (!store || X509_STORE_CTX_init(store, trust ? trust->store : empty, sk_X509_value(chain, 0),
                                      chain) != 1)
        return false;
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
    X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, STRENGTH_LEVEL);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    if (as_server && X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) != 1)
        return false;
    X509_STORE_CTX_set_app_data(store, verdict);
    X509_STORE_CTX_set_verify_cb(store, on_error);
    if (X509_verify_cert(store) != 1 && !verdict->mask)
        found(verdict, VERIFY_OTHER, X509_STORE_CTX_get_error_depth(store));
    return true;
}

static bool names_hold(const struct certificate_facts *facts, struct slice name)
{
    struct ip_address address;
    if (ip_parse(name, &address)) {
        for (size_t i = 0; i < facts->ip_name_count; i++)
            if (ip_equal(facts->ip_names[i], address))
                return true;
        return false;
    }
    for (size_t i = 0; i < facts->dns_name_count; i++)
        if (host_name_matches(facts->dns_names[i], name))
            return true;
    return false;
}

static void judge_name(struct slice leaf, struct slice name, struct verdict *verdict)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(FACTS_MAX_BYTES);
    struct certificate_facts facts;
    if (certificate_facts_read(leaf, NULL, 0, &arena, &facts) != CERTIFICATE_OK)
        found(verdict, VERIFY_MALFORMED, 0);
    else if (!names_hold(&facts, name))
        found(verdict, VERIFY_NAME_MISMATCH, 0);
}

void verify_chain(const struct slice *chain, size_t chain_count, const struct tls_trust *trust,
                  struct slice name, int64_t at_ms, struct verdict *out_verdict)
{
    *out_verdict = (struct verdict){0};
    if (!chain_count) {
        found(out_verdict, VERIFY_NO_CERTIFICATE, 0);
        return;
    }
    CLEANUP(certificate_list_free)
    STACK_OF(X509) *list = certificate_list_from_der(chain, chain_count);
    if (!list) {
        found(out_verdict, VERIFY_MALFORMED, 0);
        return;
    }
    if (!judge_chain(list, trust, name.len != 0, at_ms, out_verdict))
        found(out_verdict, VERIFY_OTHER, 0);
    if (name.len)
        judge_name(chain[0], name, out_verdict);
    ERR_clear_error();
}

/* Authorities of the web issue for servers only, by now; a mail server shows what it has. */
static bool is_for_tls(X509 *leaf)
{
    return X509_check_purpose(leaf, X509_PURPOSE_SSL_CLIENT, 0) == 1 ||
           X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) == 1;
}

void verify_client_chain(const struct slice *chain, size_t chain_count,
                         const struct tls_trust *trust, int64_t at_ms, struct verdict *out_verdict)
{
    verify_chain(chain, chain_count, trust, (struct slice){0}, at_ms, out_verdict);
    if (!chain_count)
        return;
    CLEANUP(certificate_free) X509 *leaf = certificate_from_der(chain[0]);
    if (leaf && !is_for_tls(leaf))
        found(out_verdict, VERIFY_WRONG_PURPOSE, 0);
    ERR_clear_error();
}

bool verdict_ok(const struct verdict *verdict)
{
    return verdict->mask == 0;
}

bool verdict_has(const struct verdict *verdict, enum verify_finding finding)
{
    return finding == VERIFY_OK ? verdict->mask == 0 : (verdict->mask >> finding & 1) != 0;
}

const char *verify_finding_name(enum verify_finding finding)
{
    return findings[finding].name;
}

const char *verify_finding_text(enum verify_finding finding)
{
    return findings[finding].text;
}

bool verdict_print(const struct verdict *verdict, struct text *out)
{
    if (verdict_ok(verdict))
        return text_append_c(out, findings[VERIFY_OK].name);
    bool ok = true, first = true;
    for (unsigned i = VERIFY_OK + 1; ok && i < VERIFY_FINDING_COUNT; i++) {
        if (!(verdict->mask >> i & 1))
            continue;
        ok = (first || text_append_c(out, ", ")) && text_append_c(out, findings[i].name);
        first = false;
    }
    return ok;
}
