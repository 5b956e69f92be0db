/* SPDX-License-Identifier: Apache-2.0 */
/* ocsp_response - OpenSSL's objects of a response, for the files of tls/ocsp only. */
#ifndef TLS_OCSP_RESPONSE_H
#define TLS_OCSP_RESPONSE_H

#include "tls/ocsp.h"

#include <openssl/ocsp.h>

void ocsp_basic_free(OCSP_BASICRESP **basic); /* for CLEANUP */
void ocsp_id_free(OCSP_CERTID **id);          /* for CLEANUP */

/* *out is set on OCSP_OK only. */
enum ocsp_outcome ocsp_response_open(struct slice bytes, OCSP_BASICRESP **out_basic);
/* A copy of the name of the certificate a single response speaks of; or NULL. */
OCSP_CERTID *ocsp_id_of(const OCSP_SINGLERESP *single);
/* The same name made of what we have, with the digest the responder chose; without a certificate,
 * of its issuer alone. NULL: the digest is not known. */
OCSP_CERTID *ocsp_id_like(OCSP_CERTID *named, const X509 *certificate, const X509 *issuer);

#endif
