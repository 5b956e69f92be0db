/* SPDX-License-Identifier: Apache-2.0 */
/* audit_filter - which rows of the admin audit log somebody asks for.
 *
 * Of each list that is not empty one element must match: cmdlets, callers and parameters by their
 * whole name, objects also by a pattern with * and ?; case does not matter. Texts are as the log
 * shows them (log_value_append).
 */
#ifndef MODEL_AUDIT_FILTER_H
#define MODEL_AUDIT_FILTER_H

#include "model/tracking_filter.h"
#include "settings/setting.h"

enum audit_list {
    AUDIT_CMDLETS,
    AUDIT_OBJECTS,
    AUDIT_CALLERS,
    AUDIT_PARAMETERS,
    AUDIT_LISTS,
};

struct audit_filter {
    struct tracking_filter time; /* only its two moments */
    struct slice_list lists[AUDIT_LISTS];
    struct slice succeeded; /* "True", "False"; empty: both */
};

void audit_filter_between(struct audit_filter *filter, int64_t from_ms, int64_t until_ms);
/* Whether a line is a row that is asked for; its fields are split for the caller then.
 * `scratch` as in log_row_split. */
bool audit_filter_takes(const struct audit_filter *filter, struct slice line, struct text *scratch,
                        struct slice out_fields[LOG_COLUMNS_MAX]);

#endif
