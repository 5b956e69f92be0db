/* SPDX-License-Identifier: Apache-2.0 */
/* siphash - SipHash-2-4 (Aumasson, Bernstein), the hash for tables whose keys strangers choose.
 *
 * Who does not know the key cannot find two inputs that meet.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/slice.h"

struct siphash_key {
    uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, struct slice bytes);

#endif
