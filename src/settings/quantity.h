/* SPDX-License-Identifier: Apache-2.0 */
/* quantity - sizes and time spans as people write them and as Exchange prints them. */
#ifndef SETTINGS_QUANTITY_H
#define SETTINGS_QUANTITY_H

#include "base/text.h"

/* "36MB", "1.5 GB", "36 MB (37,748,736 bytes)", "512": bytes. Both sizes of the long form must
 * agree. */
bool quantity_parse_bytes(struct slice written, int64_t *out_bytes);
/* "36 MB (37,748,736 bytes)" */
bool quantity_append_bytes(struct text *text, int64_t bytes);

/* "[d.]hh:mm:ss[.fff]", or a number with ms, s, m, h or d. */
bool quantity_parse_span(struct slice written, int64_t *out_ms);
bool quantity_append_span(struct text *text, int64_t ms);

#endif
