/* SPDX-License-Identifier: Apache-2.0 */
/* schema - the tables of both databases, brought forward script by script.
 *
 * A database remembers the number of its last script and the oldest release of scripts that can
 * still work with it, so that two releases may run side by side: -ENOTSUP when we are older.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/database.h"

struct schema_script {
    int number;      /* 1, 2, ... */
    int oldest_able; /* who knows scripts up to this number can still use the result */
    const char *sql;
};

extern const struct schema_script schema_config[]; /* ends with number 0 */
extern const struct schema_script schema_queue[];

MUST_USE int schema_apply(struct database *database, const struct schema_script *scripts);

#endif
