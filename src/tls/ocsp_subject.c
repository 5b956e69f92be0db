/* SPDX-License-Identifier: Apache-2.0 */
/* Of which certificate a response speaks, before there is one to verify it with. */
#include "base/hex.h"
#include "tls/certificate_list.h"
#include "tls/der.h"
#include "tls/distinguished_name.h"
#include "tls/ocsp.h"
#include "tls/ocsp_response.h"

#include <openssl/err.h>

enum { NAME_TEXT_MAX = 4096, ISSUERS_MAX = 256 };

/* The contents of the INTEGER as it was written, with the zero that keeps it positive. */
static bool keep_serial(const ASN1_INTEGER *serial, struct arena *arena, struct slice *out)
{
    unsigned char *der = NULL;
    int len = i2d_ASN1_INTEGER(serial, &der);
    struct slice rest = slice_bytes(der, len > 0 ? (size_t)len : 0), contents;
    bool good = der_take_tag(&rest, DER_INTEGER, &contents) && arena_copy(arena, contents, out);
    OPENSSL_free(der);
    return good;
}

static bool keep_name(bool (*convert)(struct slice der, struct text *out), struct slice der,
                      struct arena *arena, struct slice *out)
{
    CLEANUP(text_deinit) struct text text = text_with_ceiling(NAME_TEXT_MAX);
    return convert(der, &text) && arena_copy(arena, text_slice(&text), out);
}

static bool keep_issuer(const X509 *issuer, struct arena *arena, struct ocsp_subject *subject)
{
    unsigned char *der = NULL;
    int len = i2d_X509_NAME(X509_get_subject_name(issuer), &der);
    struct slice name = slice_bytes(der, len > 0 ? (size_t)len : 0);
    bool good = keep_name(distinguished_name_print, name, arena, &subject->issuer) &&
                keep_name(distinguished_name_canonical, name, arena, &subject->issuer_canonical);
    OPENSSL_free(der);
    return good;
}

static bool is_issued_by(OCSP_CERTID *named, const X509 *issuer)
{
    CLEANUP(ocsp_id_free) OCSP_CERTID *ours = ocsp_id_like(named, NULL, issuer);
    return ours && OCSP_id_issuer_cmp(named, ours) == 0;
}

/* False: there is none among them, or no memory for its name. */
static bool find_issuer(OCSP_CERTID *named, struct slice known, struct arena *arena,
                        struct ocsp_subject *subject)
{
    struct der_element element;
    for (size_t i = 0; i < ISSUERS_MAX && der_take(&known, &element); i++) {
        CLEANUP(certificate_free) X509 *issuer = certificate_from_der(element.whole);
        if (issuer && is_issued_by(named, issuer))
            return keep_issuer(issuer, arena, subject);
    }
    return false;
}

static bool keep_key_hash(const ASN1_OCTET_STRING *hash, struct arena *arena, struct slice *out)
{
    char storage[160];
    struct text text = text_over(storage, sizeof storage);
    struct slice bytes = slice_bytes(ASN1_STRING_get0_data(hash), (size_t)ASN1_STRING_length(hash));
    return text_append_c(&text, "an issuer with the key hash ") &&
           hex_append_upper(&text, slice_first(bytes, EVP_MAX_MD_SIZE)) &&
           arena_copy(arena, text_slice(&text), out);
}

static enum ocsp_outcome read_subject(OCSP_CERTID *named, struct slice known, struct arena *arena,
                                      struct ocsp_subject *subject)
{
    ASN1_OCTET_STRING *key_hash = NULL;
    ASN1_INTEGER *serial = NULL;
    OCSP_id_get0_info(NULL, NULL, &key_hash, &serial, named);
    bool good = keep_serial(serial, arena, &subject->serial) &&
                (find_issuer(named, known, arena, subject) ||
                 keep_key_hash(key_hash, arena, &subject->issuer));
    return good ? OCSP_OK : OCSP_DAMAGED;
}

enum ocsp_outcome ocsp_subject_read(struct slice response, struct slice known, struct arena *arena,
                                    struct ocsp_subject *out)
{
    CLEANUP(ocsp_basic_free) OCSP_BASICRESP *basic = NULL;
    *out = (struct ocsp_subject){0};
    enum ocsp_outcome outcome = ocsp_response_open(response, &basic);
    OCSP_SINGLERESP *first = basic ? OCSP_resp_get0(basic, 0) : NULL;
    CLEANUP(ocsp_id_free) OCSP_CERTID *named = first ? ocsp_id_of(first) : NULL;
    if (outcome == OCSP_OK)
        outcome = named ? read_subject(named, known, arena, out) : OCSP_DAMAGED;
    ERR_clear_error();
    return outcome;
}
