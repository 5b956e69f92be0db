/* SPDX-License-Identifier: Apache-2.0 */
/* verifier - what is kept of a password: a record of lines that say by their first word what they
 * are for.
 *
 *     yescrypt $y$j9T$<salt>$<hash> LF                                  a password that is sent
 *     scram-sha-256 <iterations> <salt> <stored key> <server key> LF    one that is proven
 *
 * Other lines may follow or replace them later; records of before SCRAM have the first alone. The
 * cost of yescrypt is 5 ($y$j9T): 16 MiB and about 18 ms for each check on a 2020s server core; one
 * step more doubles both. A record names its own costs, so that they can be raised without touching
 * old ones. Making and checking take long: they belong on a worker.
 */
#ifndef VAULT_VERIFIER_H
#define VAULT_VERIFIER_H

#include "base/attributes.h"
#include "base/text.h"
#include "sasl/keys.h"

enum {
    VERIFIER_PASSWORD_MAX = 511, /* what crypt(3) takes; without NUL */
    VERIFIER_RECORD_MAX = 512,
    VERIFIER_COST = 5,
};

/* Appends a record. False: an empty or unfit password, or no room. */
MUST_USE bool verifier_make(struct slice password, struct text *out_record);
/* False also for a record of an unknown kind. */
MUST_USE bool verifier_check(struct slice record, struct slice password);
/* Quick. False: the record has no such line, or a damaged one. */
MUST_USE bool verifier_scram_keys(struct slice record, struct sasl_keys *out_keys);

#endif
