/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_staple - whether the OCSP response of a certificate may be shown to clients at a
 * moment, how near it is to its end, and when another one is wanted.
 *
 * Only a response that says "good" is stapled, until its next update is due. At half of its life a
 * new one is asked for. Whoever is asked may take until three quarters of it: past that, and again
 * a day before the end, something is wrong.
 */
#ifndef MODEL_CERTIFICATE_STAPLE_H
#define MODEL_CERTIFICATE_STAPLE_H

#include "model/certificate.h"

enum staple_state {
    STAPLE_NONE, /* there is none, and nobody demands one */
    STAPLE_FRESH,
    STAPLE_OLD,    /* past three quarters of its life */
    STAPLE_ENDING, /* its last day; when it lives four days or less, the last quarter */
    STAPLE_OVER,   /* nothing is stapled: it has ended, or the certificate demands one in vain */
};

enum staple_state certificate_staple_state(const struct certificate *certificate, int64_t at_ms);
/* The next moment behind at_ms at which the state is another one; false: never. */
bool certificate_staple_next(const struct certificate *certificate, int64_t at_ms,
                             int64_t *out_at_ms);
/* When its issuer is to be asked; now or earlier: at once. False: never, as it cannot be stapled or
 * names nobody who could be asked. */
bool certificate_response_due(const struct certificate *certificate, int64_t at_ms,
                              int64_t *out_at_ms);
/* Whether it demands a staple and there is none to show. */
bool certificate_lacks_staple(const struct certificate *certificate, int64_t at_ms);
/* The same as a sentence with what mends it; false and nothing appended when it lacks none. */
bool certificate_staple_text(const struct certificate *certificate, int64_t at_ms,
                             struct text *text);

#endif
