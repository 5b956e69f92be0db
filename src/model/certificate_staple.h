/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_staple - whether the OCSP response of a certificate may be shown to clients at a
 * moment, and how near it is to its end.
 *
 * Only a response that says "good" is stapled, until its next update is due. Half of its life is
 * enough for whoever renews it: past that, and again a day before the end, something is wrong.
 */
#ifndef MODEL_CERTIFICATE_STAPLE_H
#define MODEL_CERTIFICATE_STAPLE_H

#include "model/certificate.h"

enum staple_state {
    STAPLE_NONE, /* there is none, and nobody demands one */
    STAPLE_FRESH,
    STAPLE_HALF,   /* past half of its life */
    STAPLE_ENDING, /* its last day; when it lives two days or less, the second half */
    STAPLE_OVER,   /* nothing is stapled: it has ended, or the certificate demands one in vain */
};

enum staple_state certificate_staple_state(const struct certificate *certificate, int64_t at_ms);
/* The next moment behind at_ms at which the state is another one; false: never. */
bool certificate_staple_next(const struct certificate *certificate, int64_t at_ms,
                             int64_t *out_at_ms);
/* Whether it demands a staple and there is none to show. */
bool certificate_lacks_staple(const struct certificate *certificate, int64_t at_ms);
/* The same as a sentence with what mends it; false and nothing appended when it lacks none. */
bool certificate_staple_text(const struct certificate *certificate, int64_t at_ms,
                             struct text *text);

#endif
