/* SPDX-License-Identifier: Apache-2.0 */
/* chain - what a chain lacks, from certificates that are known already.
 *
 * Files often bring a certificate without its issuers. An issuer is taken only when its key made
 * the signature; the newest of several. Roots are not taken: clients have their own. Nothing is
 * trusted by that: what comes out is judged as any chain.
 */
#ifndef TLS_CHAIN_H
#define TLS_CHAIN_H

#include "base/slice.h"

enum { CHAIN_KNOWN_MAX = 256 };

/* `known`: DER, one behind the other, the first CHAIN_KNOWN_MAX are looked at. Appends issuers to
 * `chain` (slices into `known`) until nothing fits or `capacity` is reached; returns the new count.
 */
size_t chain_extend(struct slice leaf, struct slice *chain, size_t count, size_t capacity,
                    struct slice known);

#endif
