/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/ocsp_question.h"

#include "tls/certificate_list.h"
#include "tls/ocsp_response.h"

#include <openssl/err.h>
#include <openssl/evp.h>

static void question_free(OCSP_REQUEST **question)
{
    OCSP_REQUEST_free(*question);
}

/* What is added belongs to the question from then on. */
static bool add(OCSP_REQUEST *question, OCSP_CERTID **id)
{
    if (!question || !*id || !OCSP_request_add0_id(question, *id))
        return false;
    *id = NULL;
    return true;
}

static bool append(OCSP_REQUEST *question, struct text *out)
{
    unsigned char *der = NULL;
    int len = i2d_OCSP_REQUEST(question, &der);
    bool good = len > 0 && text_append(out, slice_bytes(der, (size_t)len));
    OPENSSL_free(der);
    return good;
}

bool ocsp_question_append(struct slice certificate, struct slice issuer, struct text *question)
{
    CLEANUP(certificate_free) X509 *ours = certificate_from_der(certificate);
    CLEANUP(certificate_free) X509 *above = certificate_from_der(issuer);
    CLEANUP(question_free) OCSP_REQUEST *asked = OCSP_REQUEST_new();
    CLEANUP(ocsp_id_free)
    OCSP_CERTID *id = ours && above ? OCSP_cert_to_id(EVP_sha1(), ours, above) : NULL;
    bool good = add(asked, &id) && append(asked, question);
    ERR_clear_error();
    return good;
}
