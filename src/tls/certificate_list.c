/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate_list.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

void certificate_free(X509 **certificate)
{
    X509_free(*certificate);
}

void certificate_list_free(STACK_OF(X509) * *list)
{
    sk_X509_pop_free(*list, X509_free);
}

X509 *certificate_from_der(struct slice der)
{
    if (!der.len || der.len > CERTIFICATE_BYTES_MAX)
        return NULL;
    const unsigned char *start = (const unsigned char *)der.at, *at = start;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    if (certificate && (size_t)(at - start) == der.len)
        return certificate;
    X509_free(certificate);
    ERR_clear_error();
    return NULL;
}

bool certificate_to_der(X509 *certificate, struct text *out_der)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    bool ok = len > 0 && text_append(out_der, slice_bytes(der, (size_t)len));
    OPENSSL_free(der);
    return ok;
}

STACK_OF(X509) * certificate_list_from_der(const struct slice *ders, size_t count)
{
    STACK_OF(X509) *list = sk_X509_new_null();
    for (size_t i = 0; list && i < count; i++) {
        X509 *certificate = certificate_from_der(ders[i]);
        if (certificate && sk_X509_push(list, certificate) > 0)
            continue;
        X509_free(certificate);
        sk_X509_pop_free(list, X509_free);
        return NULL;
    }
    return list;
}

bool certificate_issued_by(X509 *certificate, X509 *issuer)
{
    bool issued = X509_check_issued(issuer, certificate) == X509_V_OK &&
                  X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
    ERR_clear_error();
    return issued;
}
