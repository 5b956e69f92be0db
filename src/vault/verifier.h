/* SPDX-License-Identifier: Apache-2.0 */
/* verifier - what is kept of a password: a record that says by its first word how to check it.
 *
 *     yescrypt $y$j9T$<salt>$<hash> LF
 *
 * Lines of other kinds may follow or replace it later. The cost is yescrypt's 5 ($y$j9T): 16 MiB
 * and about 18 ms for each check on a 2020s server core; one step more doubles both. A record names
 * its own cost, so that it can be raised without touching old ones. Both functions take that long:
 * they belong on a worker.
 */
#ifndef VAULT_VERIFIER_H
#define VAULT_VERIFIER_H

#include "base/attributes.h"
#include "base/text.h"

enum {
    VERIFIER_PASSWORD_MAX = 511, /* what crypt(3) takes; without NUL */
    VERIFIER_RECORD_MAX = 512,
    VERIFIER_COST = 5,
};

/* Appends a record. False: an empty or unfit password, or no room. */
MUST_USE bool verifier_make(struct slice password, struct text *out_record);
/* False also for a record of an unknown kind. */
MUST_USE bool verifier_check(struct slice record, struct slice password);

#endif
