/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_config - the statements of both connections to the configuration, by name. */
#ifndef STORE_SQLITE_CONFIG_H
#define STORE_SQLITE_CONFIG_H

#include "store/engine.h"

enum config_sql {
    CONFIG_SQL_VERSION,
    CONFIG_SQL_INSERT,
    CONFIG_SQL_UPDATE,
    CONFIG_SQL_DELETE,
    CONFIG_SQL_SECRET_PUT,
    CONFIG_SQL_SECRET_DELETE,
    CONFIG_SQL_SECRET_GET,
    CONFIG_SQL_SEQUENCE,
    CONFIG_SQL_LOG,
    CONFIG_SQL_LIST,
    CONFIG_SQL_LIST_KIND,
    CONFIG_SQL_GET,
    CONFIG_SQL_SINCE,
    CONFIG_SQL_COUNT,
};
_Static_assert((int)CONFIG_SQL_COUNT <= (int)DATABASE_STATEMENTS_MAX, "room for each statement");

MUST_USE int config_read_sequence(struct database *database, uint64_t *out_sequence);

#endif
