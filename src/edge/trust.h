/* SPDX-License-Identifier: Apache-2.0 */
/* trust - the roots by which the certificates of clients are judged: those of the system and those
 * of --trust.
 *
 * Read as bytes before the sandbox closes the file system, and made into roots when the first
 * connector asks a client for a certificate: an edge that never does pays for the bytes alone.
 */
#ifndef EDGE_TRUST_H
#define EDGE_TRUST_H

#include "base/text.h"
#include "tls/verify.h"

struct trust {
    struct text pem;         /* not read yet */
    struct tls_trust *roots; /* NULL: nobody has asked */
};

/* What cannot be read is left out: then fewer chains hold. The vault complains of it, once. */
void trust_open(struct trust *trust, const char *house);
/* NULL without memory: nothing is trusted. Good until trust_close. */
const struct tls_trust *trust_roots(struct trust *trust);
void trust_close(struct trust *trust);

#endif
