/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/ocsp_response.h"

void ocsp_basic_free(OCSP_BASICRESP **basic)
{
    OCSP_BASICRESP_free(*basic);
}

void ocsp_id_free(OCSP_CERTID **id)
{
    OCSP_CERTID_free(*id);
}

enum ocsp_outcome ocsp_response_open(struct slice bytes, OCSP_BASICRESP **out_basic)
{
    const unsigned char *start = (const unsigned char *)bytes.at, *at = start;
    if (!bytes.len || bytes.len > OCSP_RESPONSE_MAX)
        return OCSP_DAMAGED;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)bytes.len);
    enum ocsp_outcome outcome = OCSP_DAMAGED;
    if (response && (size_t)(at - start) == bytes.len) {
        bool answered = OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
        *out_basic = answered ? OCSP_response_get1_basic(response) : NULL;
        outcome = !answered ? OCSP_NO_ANSWER : *out_basic ? OCSP_OK : OCSP_DAMAGED;
    }
    OCSP_RESPONSE_free(response);
    return outcome;
}

OCSP_CERTID *ocsp_id_of(const OCSP_SINGLERESP *single)
{
    const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
    return id ? OCSP_CERTID_dup(id) : NULL;
}

OCSP_CERTID *ocsp_id_like(OCSP_CERTID *named, const X509 *certificate, const X509 *issuer)
{
    ASN1_OBJECT *algorithm = NULL;
    OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, named);
    const EVP_MD *digest = EVP_get_digestbyobj(algorithm);
    return digest ? OCSP_cert_to_id(digest, certificate, issuer) : NULL;
}
