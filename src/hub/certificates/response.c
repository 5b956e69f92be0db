/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/response.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "base/pem.h"
#include "hub/certificates/intake.h"
#include "os/clock.h"

enum { SERIAL_TEXT_MAX = 140, ISSUER_SHOWN = 300, MOMENT_TEXT_MAX = 40 };

bool certificate_response_is_alone(const struct certificate *read)
{
    return read->der.len == 0 && read->ocsp_response.len > 0;
}

/* --- looking for its certificate --- */

/* The issuer is named only when its certificate is known here; a number alone says nearly as much.
 * Of several, one that can be presented. */
static const struct certificate *find(const struct model *model, const struct certificate *alone)
{
    const struct certificate *found = NULL;
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        const struct certificate *certificate = model_certificate(model, i);
        if (certificate->status == STATUS_PENDING_REQUEST ||
            !slice_equal(certificate->serial_number, alone->serial_number) ||
            (alone->issuer_der.len && !slice_equal(certificate->issuer_der, alone->issuer_der)))
            continue;
        if (!found || (certificate->has_private_key && !found->has_private_key))
            found = certificate;
    }
    return found;
}

static void fail_unknown(struct call *call, const struct certificate *alone)
{
    char digits[SERIAL_TEXT_MAX], name[2 * ISSUER_SHOWN];
    struct text serial = text_over(digits, sizeof(digits));
    struct text issuer = text_over(name, sizeof(name));
    hex_append_upper(&serial, alone->serial_number);
    append_clean(&issuer, slice_first(alone->issuer, ISSUER_SHOWN));
    call_fail(call, OPERATION_NOT_FOUND,
              "the OCSP response speaks of the certificate with serial number %.*s of %.*s: it is "
              "not here",
              SLICE_ARG(text_slice(&serial)), SLICE_ARG(text_slice(&issuer)));
}

void certificate_response_ask(struct call *call, const struct model *draft,
                              const struct certificate *alone)
{
    const struct certificate *certificate = find(draft, alone);
    struct text pem = text_with_ceiling(WIRE_FILE_MAX);
    if (!certificate)
        fail_unknown(call, alone);
    else if (certificate_append_pem(&pem, certificate) &&
             pem_append(&pem, "OCSP RESPONSE", alone->ocsp_response))
        certificate_intake_again(call, text_slice(&pem));
    else
        call_fail(call, OPERATION_FAILED, "the chain is too long");
    text_deinit(&pem);
}

/* --- taking it in --- */

enum response_news certificate_response_compare(const struct certificate *here,
                                                const struct certificate *read)
{
    if (!read->ocsp_response.len || slice_equal(here->ocsp_response, read->ocsp_response))
        return RESPONSE_NO_NEWS;
    return read->ocsp_this_update_ms < here->ocsp_this_update_ms ? RESPONSE_OLDER : RESPONSE_NEWER;
}

void certificate_response_take(struct certificate *certificate, const struct certificate *from)
{
    certificate->ocsp_response = from->ocsp_response;
    certificate->ocsp_status = from->ocsp_status;
    certificate->ocsp_this_update_ms = from->ocsp_this_update_ms;
    certificate->ocsp_next_update_ms = from->ocsp_next_update_ms;
    certificate->revoked_ms = from->revoked_ms;
    certificate->revocation_reason = from->revocation_reason;
}

struct certificate *certificate_response_news(const struct model *model,
                                              const struct certificate *read)
{
    struct certificate *found = model_by_id(model, MODEL_CERTIFICATE, read->id);
    bool news = found && slice_equal(found->thumbprint, read->thumbprint) &&
                certificate_response_compare(found, read) == RESPONSE_NEWER;
    return news ? found : NULL;
}

static bool put(struct change *change, struct certificate *certificate,
                const struct certificate *read)
{
    struct arena *arena = change_draft(change)->arena;
    certificate_response_take(certificate, read);
    return arena_copy(arena, read->ocsp_response, &certificate->ocsp_response) &&
           arena_copy(arena, read->revocation_reason, &certificate->revocation_reason) &&
           change_put(change, MODEL_CERTIFICATE, certificate);
}

bool certificate_responses_put(struct change *change, const struct model *fresh)
{
    size_t news = 0;
    for (size_t i = 0; i < model_count(fresh, MODEL_CERTIFICATE); i++) {
        const struct certificate *read = model_certificate(fresh, i);
        struct certificate *certificate = certificate_response_news(change_draft(change), read);
        if (!certificate)
            continue;
        if (!put(change, certificate, read))
            return false;
        news++;
    }
    return news > 0;
}

struct moment {
    char storage[MOMENT_TEXT_MAX];
};

static const char *written(struct moment *moment, int64_t at_ms)
{
    struct text text = text_over(moment->storage, sizeof(moment->storage));
    calendar_append_rfc3339(&text, at_ms);
    return text_append_byte(&text, 0) ? moment->storage : "?";
}

void certificate_response_refuse(struct call *call, const struct certificate *here,
                                 const struct certificate *read)
{
    struct moment old, new;
    call_fail(call, OPERATION_CONFLICT,
              "the OCSP response is older than the one that is here: it was true at %s, the other "
              "one at %s",
              written(&new, read->ocsp_this_update_ms), written(&old, here->ocsp_this_update_ms));
}

void certificate_response_report(struct call *call, const struct certificate *certificate)
{
    struct moment moment;
    char storage[48];
    struct text thumbprint = text_over(storage, sizeof(storage));
    hex_append_upper(&thumbprint, certificate->thumbprint);
    switch ((enum certificate_response)certificate->ocsp_status) {
    case RESPONSE_GOOD:
        if (certificate->ocsp_next_update_ms > clock_wall_ms())
            call_inform(call, "the OCSP response is stapled to new sessions until %s",
                        written(&moment, certificate->ocsp_next_update_ms));
        break;
    case RESPONSE_REVOKED:
        call_warn(call,
                  "its issuer has revoked the certificate at %s (%.*s): no connector presents it "
                  "any more. Ask for a new one: New-ExchangeCertificate -Thumbprint %.*s "
                  "-GenerateRequest",
                  written(&moment, certificate->revoked_ms),
                  SLICE_ARG(certificate->revocation_reason), SLICE_ARG(text_slice(&thumbprint)));
        break;
    case RESPONSE_UNKNOWN:
        call_warn(call, "the responder does not know the certificate: nothing is stapled. Was it "
                        "issued just now? Then ask the responder again later");
        break;
    case RESPONSE_NONE:
        break;
    }
}
