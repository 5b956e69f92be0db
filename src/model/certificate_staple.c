/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_staple.h"

#define DAY_MS INT64_C(86400000)

/* So many quarters of its life behind its beginning. */
static int64_t quarters_ms(const struct certificate *certificate, int quarters)
{
    int64_t from_ms = certificate->ocsp_this_update_ms;
    return from_ms + (certificate->ocsp_next_update_ms - from_ms) / 4 * quarters;
}

static int64_t last_day_ms(const struct certificate *certificate)
{
    int64_t day_ms = certificate->ocsp_next_update_ms - DAY_MS;
    int64_t old_ms = quarters_ms(certificate, 3);
    return day_ms > old_ms ? day_ms : old_ms;
}

enum staple_state certificate_staple_state(const struct certificate *certificate, int64_t at_ms)
{
    if (certificate_is_revoked(certificate))
        return STAPLE_NONE; /* no staple makes it good */
    if (certificate->ocsp_status != RESPONSE_GOOD)
        return certificate->must_staple ? STAPLE_OVER : STAPLE_NONE;
    return at_ms >= certificate->ocsp_next_update_ms ? STAPLE_OVER
           : at_ms >= last_day_ms(certificate)       ? STAPLE_ENDING
           : at_ms >= quarters_ms(certificate, 3)    ? STAPLE_OLD
                                                     : STAPLE_FRESH;
}

bool certificate_staple_next(const struct certificate *certificate, int64_t at_ms,
                             int64_t *out_at_ms)
{
    int64_t moments[] = {quarters_ms(certificate, 3), last_day_ms(certificate),
                         certificate->ocsp_next_update_ms};
    bool counts = certificate->ocsp_status == RESPONSE_GOOD && !certificate_is_revoked(certificate);
    for (size_t i = 0; counts && i < COUNT_OF(moments); i++)
        if (moments[i] > at_ms) { /* they are in order */
            *out_at_ms = moments[i];
            return true;
        }
    return false;
}

bool certificate_response_due(const struct certificate *certificate, int64_t at_ms,
                              int64_t *out_at_ms)
{
    if (!certificate->ocsp_responder.len || !certificate->chain.count ||
        !certificate->has_private_key || !(certificate->services & SERVICE_SMTP) ||
        certificate_is_revoked(certificate) || certificate->not_after_ms < at_ms)
        return false;
    *out_at_ms =
        certificate->ocsp_status == RESPONSE_GOOD ? quarters_ms(certificate, 2) : INT64_MIN;
    return true;
}

bool certificate_lacks_staple(const struct certificate *certificate, int64_t at_ms)
{
    return certificate->must_staple && certificate_staple_state(certificate, at_ms) == STAPLE_OVER;
}

bool certificate_staple_text(const struct certificate *certificate, int64_t at_ms,
                             struct text *text)
{
    return certificate_lacks_staple(certificate, at_ms) &&
           text_append_c(text, "it demands a stapled OCSP response (TLS feature status_request) "
                               "and there is no current one: clients that heed this refuse it; "
                               "get one from its issuer and import it "
                               "(Import-ExchangeCertificate -FileName mail.ocsp)");
}
