/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/dane.h"

#include "tls/certificate_list.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { USAGE_TA = 2, USAGE_EE = 3, NAME_MAX_BYTES = 255, DEPTH_MAX = 10, STRENGTH_LEVEL = 1 };

/* What a digest's data must be long; 0: the thing itself, which has any length. */
static const size_t digest_bytes[] = {[0] = 0, [1] = 32, [2] = 64};

bool dane_usable(const struct dane_record *record)
{
    return (record->usage == USAGE_TA || record->usage == USAGE_EE) && record->selector <= 1 &&
           record->matching < COUNT_OF(digest_bytes) && record->data.len &&
           (!digest_bytes[record->matching] || record->data.len == digest_bytes[record->matching]);
}

/* What OpenSSL needs to judge: its DANE lives in an SSL, though none is spoken here. */
struct judge {
    SSL_CTX *ctx;
    SSL *ssl;
    X509_STORE *store;
    X509_STORE_CTX *verify;
    STACK_OF(X509) * chain;
};

static void judge_deinit(struct judge *judge)
{
    X509_STORE_CTX_free(judge->verify);
    X509_STORE_free(judge->store);
    certificate_list_free(&judge->chain);
    SSL_free(judge->ssl);
    SSL_CTX_free(judge->ctx);
    ERR_clear_error();
}

static bool write_name(struct slice name, char storage[NAME_MAX_BYTES + 1])
{
    if (!name.len || name.len > NAME_MAX_BYTES || memchr(name.at, 0, name.len))
        return false;
    memcpy(storage, name.at, name.len);
    storage[name.len] = 0;
    return true;
}

static bool begin(struct judge *judge, struct slice name)
{
    char written[NAME_MAX_BYTES + 1];
    judge->ctx = SSL_CTX_new(TLS_client_method());
    if (!judge->ctx || SSL_CTX_dane_enable(judge->ctx) <= 0)
        return false;
    judge->ssl = SSL_new(judge->ctx);
    if (!judge->ssl || !write_name(name, written) || SSL_dane_enable(judge->ssl, written) <= 0)
        return false;
    SSL_dane_set_flags(judge->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS); /* RFC 7672 3.1.1 */
    judge->store = X509_STORE_new();
    judge->verify = X509_STORE_CTX_new();
    return judge->store && judge->verify;
}

/* A whole certificate or key that OpenSSL cannot read is of no use either. */
static size_t add_records(struct judge *judge, const struct dane_question *question)
{
    size_t usable = 0;
    for (size_t i = 0; i < question->record_count && usable < DANE_RECORDS_MAX; i++) {
        const struct dane_record *record = &question->records[i];
        if (dane_usable(record))
            usable +=
                SSL_dane_tlsa_add(judge->ssl, record->usage, record->selector, record->matching,
                                  (const unsigned char *)record->data.at, record->data.len) > 0;
    }
    return usable;
}

static bool set_rules(struct judge *judge, const struct dane_question *question, int64_t at_ms)
{
    char written[NAME_MAX_BYTES + 1];
    if (X509_STORE_CTX_init(judge->verify, judge->store, sk_X509_value(judge->chain, 0),
                            judge->chain) != 1)
        return false;
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(judge->verify);
    X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
    X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, STRENGTH_LEVEL);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    for (size_t i = 0; i < question->name_count; i++)
        if (!write_name(question->names[i], written) ||
            X509_VERIFY_PARAM_add1_host(param, written, 0) != 1)
            return false;
    X509_STORE_CTX_set0_dane(judge->verify, SSL_get0_dane(judge->ssl));
    return X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER) == 1;
}

static enum dane_outcome outcome_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return DANE_MATCH;
    case X509_V_ERR_DANE_NO_MATCH:
    /* Nothing in the chain is anchored: the usual ends of a chain without a root. */
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return DANE_NO_MATCH;
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return DANE_NAME;
    case X509_V_ERR_OUT_OF_MEM:
        return DANE_NO_MEMORY;
    default:
        return DANE_CHAIN;
    }
}

static void note_match(struct judge *judge, struct dane_verdict *verdict)
{
    verdict->depth = SSL_get0_dane_authority(judge->ssl, NULL, NULL);
    SSL_get0_dane_tlsa(judge->ssl, &verdict->usage, &verdict->selector, &verdict->matching, NULL,
                       NULL);
}

static void verify(struct judge *judge, struct dane_verdict *verdict)
{
    int result = X509_verify_cert(judge->verify);
    int error = X509_STORE_CTX_get_error(judge->verify);
    if (result != 1 && error == X509_V_OK)
        error = X509_V_ERR_UNSPECIFIED;
    verdict->outcome = outcome_of(error);
    verdict->error = error;
    SSL_set_verify_result(judge->ssl, result == 1 ? X509_V_OK : error);
    if (verdict->outcome == DANE_MATCH)
        note_match(judge, verdict);
}

void dane_judge(const struct dane_question *question, const struct slice *chain, size_t chain_count,
                int64_t at_ms, struct dane_verdict *out_verdict)
{
    CLEANUP(judge_deinit) struct judge judge = {0};
    *out_verdict = (struct dane_verdict){.outcome = DANE_NO_MEMORY};
    if (!question->name_count || !begin(&judge, question->names[0]))
        return;
    out_verdict->usable = add_records(&judge, question);
    if (!out_verdict->usable) {
        out_verdict->outcome = DANE_NO_USABLE;
        return;
    }
    judge.chain = chain_count ? certificate_list_from_der(chain, chain_count) : NULL;
    if (!judge.chain)
        out_verdict->outcome = DANE_NO_CERTIFICATE;
    else if (set_rules(&judge, question, at_ms))
        verify(&judge, out_verdict);
}

bool dane_explain(const struct dane_verdict *verdict, struct text *out)
{
    static const char *const sentences[] = {
        [DANE_NO_USABLE] = "no TLSA record is of use: TLS without a known peer",
        [DANE_NO_CERTIFICATE] = "the server sends no certificate that can be read",
        [DANE_NO_MATCH] = "no TLSA record fits a certificate of the server",
        [DANE_CHAIN] = "the chain to the certificate of the TLSA record does not hold",
        [DANE_NAME] = "the certificate is for another name",
        [DANE_NO_MEMORY] = "no memory to judge the certificate",
    };
    _Static_assert(COUNT_OF(sentences) == DANE_OUTCOMES, "each outcome has a sentence");
    if (verdict->outcome == DANE_MATCH)
        return text_append_format(out, "TLSA record %u %u %u fits the %s", verdict->usage,
                                  verdict->selector, verdict->matching,
                                  verdict->depth ? "authority of the server's certificate"
                                                 : "server's certificate");
    return text_append_c(out, sentences[verdict->outcome]) &&
           (verdict->outcome != DANE_CHAIN ||
            text_append_format(out, ": %s", X509_verify_cert_error_string(verdict->error)));
}
