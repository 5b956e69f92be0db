/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report_shelf - what the day's connections came to so far (model/tls_results), as a text that
 * outlives the hub.
 *
 * Knows neither file nor clock. A text that is none, or of another version, holds nothing.
 */
#ifndef HUB_TRANSPORT_TLS_REPORT_SHELF_H
#define HUB_TRANSPORT_TLS_REPORT_SHELF_H

#include "base/text.h"
#include "model/tls_results.h"

enum { TLS_REPORT_SHELF_MAX = 8 << 20 };

/* False: no memory, or more than the text's ceiling. */
MUST_USE bool tls_report_shelf_write(const struct tls_results *results, int64_t since_ms,
                                     struct text *out);
/* Adds to `results`. False: nothing of use, and nothing was added. */
MUST_USE bool tls_report_shelf_read(struct slice written, struct tls_results *results,
                                    int64_t *out_since_ms);

#endif
