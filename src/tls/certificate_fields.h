/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_fields - the parts of an X.509 certificate (RFC 5280 4.1), as slices into it. */
#ifndef TLS_CERTIFICATE_FIELDS_H
#define TLS_CERTIFICATE_FIELDS_H

#include "base/slice.h"

struct certificate_fields {
    int version;                        /* 1 to 3 */
    struct slice serial;                /* contents of the INTEGER */
    struct slice issuer, subject, spki; /* whole elements */
};

bool certificate_fields_read(struct slice der, struct certificate_fields *out);

#endif
