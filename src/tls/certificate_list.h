/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_list - certificates between DER slices and OpenSSL's objects. For this room only. */
#ifndef TLS_CERTIFICATE_LIST_H
#define TLS_CERTIFICATE_LIST_H

#include "base/attributes.h"
#include "base/text.h"

#include <openssl/types.h>
#include <openssl/x509.h>

enum { CERTIFICATE_BYTES_MAX = 128 * 1024 };

void certificate_free(X509 **certificate);          /* for CLEANUP */
void certificate_list_free(STACK_OF(X509) * *list); /* for CLEANUP; frees the members too */
X509 *certificate_from_der(struct slice der);       /* NULL: unreadable, or bytes behind it */
bool certificate_to_der(X509 *certificate, struct text *out_der);
/* NULL when one of them is unreadable, or without memory. */
STACK_OF(X509) * certificate_list_from_der(const struct slice *ders, size_t count);
/* Whether `issuer` is named as, and its key made the signature of, `certificate`. */
bool certificate_issued_by(X509 *certificate, X509 *issuer);

#endif
