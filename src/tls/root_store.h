/* SPDX-License-Identifier: Apache-2.0 */
/* root_store - the roots by which the certificates of peers are judged: those of the system and
 * those of --trust.
 *
 * Read as bytes before the sandbox closes the file system, and made into roots when the first
 * peer is to be judged: a process that never judges one pays for the bytes alone.
 */
#ifndef TLS_ROOT_STORE_H
#define TLS_ROOT_STORE_H

#include "base/text.h"
#include "tls/verify.h"

struct root_store {
    struct text pem;         /* not read yet */
    struct tls_trust *roots; /* NULL: nobody has asked */
};

/* What cannot be read is left out: then fewer chains hold. The vault complains of it, once. */
void root_store_open(struct root_store *store, const char *house);
/* NULL without memory: nothing is trusted. Good until root_store_close. */
const struct tls_trust *root_store_roots(struct root_store *store);
void root_store_close(struct root_store *store);

#endif
