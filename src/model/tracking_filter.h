/* SPDX-License-Identifier: Apache-2.0 */
/* tracking_filter - which rows of the message tracking log somebody asks for.
 *
 * Addresses, events, sources and numbers are compared without case, whole; a message id with or
 * without its angle brackets. A subject is taken that holds the text, a connector also without its
 * server. Texts of the filter are as the log shows them (log_value_append). An empty one matches
 * every row.
 */
#ifndef MODEL_TRACKING_FILTER_H
#define MODEL_TRACKING_FILTER_H

#include "model/log.h"

enum { TRACKING_TIME_BYTES = 24 };

struct tracking_filter {
    char from[TRACKING_TIME_BYTES], until[TRACKING_TIME_BYTES]; /* RFC 3339, both included */
    struct slice sender, message_id, event, source, subject, connector, internal_id, reference;
    const struct slice *recipients; /* any of them */
    size_t recipient_count;
};

/* Times as they are compared: INT64_MIN and INT64_MAX are no limit. */
void tracking_filter_between(struct tracking_filter *filter, int64_t from_ms, int64_t until_ms);
/* Whether a row that begins with a moment lies between them. */
bool tracking_filter_within(const struct tracking_filter *filter, struct slice line);
/* Whether a line is a row that is asked for; its fields are split for the caller then.
 * `scratch` as in log_row_split. */
bool tracking_filter_takes(const struct tracking_filter *filter, struct slice line,
                           struct text *scratch, struct slice out_fields[LOG_COLUMNS_MAX]);

#endif
