/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_health.h"

#include "model/certificate_staple.h"

#define DAY_MS INT64_C(86400000)

static const unsigned boundaries[] = {1, 7, 14, 30}; /* days */

int64_t certificate_ends_ms(const struct certificate *certificate)
{
    int64_t chain_ms = certificate->chain_not_after_ms;
    return chain_ms && chain_ms < certificate->not_after_ms ? chain_ms : certificate->not_after_ms;
}

int64_t certificate_days_left(const struct certificate *certificate, int64_t at_ms)
{
    int64_t left_ms = certificate_ends_ms(certificate) - at_ms;
    return left_ms / DAY_MS - (left_ms % DAY_MS < 0 ? 1 : 0);
}

unsigned certificate_days_boundary(const struct certificate *certificate, int64_t at_ms)
{
    int64_t left_ms = certificate_ends_ms(certificate) - at_ms;
    for (size_t i = 0; left_ms >= 0 && i < COUNT_OF(boundaries); i++)
        if (left_ms <= boundaries[i] * DAY_MS)
            return boundaries[i];
    return 0;
}

bool certificate_next_boundary(const struct certificate *certificate, int64_t at_ms,
                               int64_t *out_at_ms)
{
    int64_t ends_ms = certificate_ends_ms(certificate);
    int64_t moments[COUNT_OF(boundaries) + 3] = {certificate->not_before_ms, ends_ms + 1,
                                                 certificate->not_after_ms + 1};
    bool found = false;
    for (size_t i = 0; i < COUNT_OF(boundaries); i++)
        moments[i + 3] = ends_ms - boundaries[i] * DAY_MS;
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        if (moments[i] <= at_ms || (found && moments[i] >= *out_at_ms))
            continue;
        *out_at_ms = moments[i];
        found = true;
    }
    return found;
}

enum certificate_health certificate_health(const struct certificate *certificate, int64_t at_ms)
{
    switch ((enum certificate_status)certificate_status_at(certificate, at_ms)) {
    case STATUS_PENDING_REQUEST:
        return HEALTH_PENDING_REQUEST;
    case STATUS_INVALID:
        return HEALTH_INVALID;
    case STATUS_REVOKED:
        return HEALTH_REVOKED;
    case STATUS_DATE_INVALID:
        return at_ms < certificate->not_before_ms ? HEALTH_NOT_YET_VALID : HEALTH_EXPIRED;
    case STATUS_VALID:
    case STATUS_REVOCATION_CHECK_FAILURE:
    case STATUS_UNKNOWN:
    case STATUS_UNTRUSTED:
        break;
    }
    if (certificate_lacks_staple(certificate, at_ms))
        return HEALTH_STAPLE_MISSING;
    if (certificate_days_boundary(certificate, at_ms))
        return HEALTH_EXPIRES_SOON;
    return certificate->status == STATUS_UNTRUSTED ? HEALTH_UNTRUSTED : HEALTH_GOOD;
}

enum certificate_health connector_health(const struct receive_connector *connector,
                                         const struct certificate_choice *choice, int64_t at_ms)
{
    if (!certificate_offers_tls(connector))
        return HEALTH_NO_TLS;
    if (!choice->certificate)
        return HEALTH_NO_CERTIFICATE;
    return choice->named_missing ? HEALTH_NAMED_MISSING
                                 : certificate_health(choice->certificate, at_ms);
}

const char *certificate_health_word(enum certificate_health health)
{
    static const char *const words[] = {
        [HEALTH_GOOD] = "Good",
        [HEALTH_EXPIRES_SOON] = "ExpiresSoon",
        [HEALTH_UNTRUSTED] = "Untrusted",
        [HEALTH_EXPIRED] = "Expired",
        [HEALTH_NOT_YET_VALID] = "NotYetValid",
        [HEALTH_INVALID] = "Invalid",
        [HEALTH_REVOKED] = "Revoked",
        [HEALTH_PENDING_REQUEST] = "PendingRequest",
        [HEALTH_STAPLE_MISSING] = "StapleMissing",
        [HEALTH_NAMED_MISSING] = "NamedMissing",
        [HEALTH_NO_CERTIFICATE] = "NoCertificate",
        [HEALTH_NO_TLS] = "NoTls",
    };
    return words[health];
}
