/* SPDX-License-Identifier: Apache-2.0 */
/* trust_store - the roots by which chains are judged when a certificate is read.
 *
 * Two sets: those of the system (the bundle every program of this machine uses) and those of the
 * house, which the operator names with --trust: a PEM file, or a folder of them. Read once, before
 * the sandbox closes the file system. No root at all means that nothing can be judged. The
 * fingerprint tells whether the roots are those of another day.
 */
#ifndef VAULT_TRUST_STORE_H
#define VAULT_TRUST_STORE_H

#include "tls/verify.h"

enum { TRUST_FINGERPRINT_BYTES = 32 };

struct trust_store {
    struct tls_trust *system, *house;
    size_t system_count, house_count;                   /* roots in each */
    unsigned char fingerprint[TRUST_FINGERPRINT_BYTES]; /* of the files they came from */
};

/* `house` may be NULL. 0, or -errno when what it names cannot be read, -ENODATA when it holds no
 * certificate; what could be read is there in any case. -ENOMEM: nothing is. */
MUST_USE int trust_store_open(const char *house, struct trust_store *out_store);
void trust_store_close(struct trust_store *store); /* accepts half-built ones */

#endif
