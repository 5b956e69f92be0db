/* SPDX-License-Identifier: Apache-2.0 */
/* Get-ExchangeCertificate, and what every cmdlet of this noun shows and says of a certificate. */
#include "hub/handlers/certificate.h"

#include "base/hex.h"
#include "hub/certificates/presentation.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/host_parameter.h"
#include "hub/handlers/parameters.h"
#include "model/certificate_health.h"
#include "model/certificate_staple.h"
#include "os/clock.h"
#include "settings/quantity.h"

#include <stdlib.h>

enum { SENTENCE_MAX = 8192 };

/* In the order of Format-List, then what `Format-List *` adds; Identity, Status and what stands
 * behind the table are computed. The row is named where it is called otherwise. */
static const struct {
    const char *shown, *row;
} properties[] = {
    {"CertificateDomains", NULL},
    {"HasPrivateKey", NULL},
    {"IsSelfSigned", NULL},
    {"Issuer", NULL},
    {"NotAfter", NULL},
    {"NotBefore", NULL},
    {"PublicKeySize", NULL},
    {"RootCAType", NULL},
    {"SerialNumber", NULL},
    {"Services", NULL},
    {"Status", NULL},
    {"Subject", NULL},
    {"Thumbprint", NULL},
    {"EnhancedKeyUsageList", NULL},
    {"FriendlyName", NULL},
    {"Identity", "Thumbprint"},
    {"IPAddresses", NULL},
    {"KeyIdentifier", NULL},
    {"PrivateKeyExportable", NULL},
    {"PublicKeyType", NULL},
    {"Sha256", NULL},
    {"SignatureAlgorithm", NULL},
    {"Version", "X509Version"},
    {"Findings", NULL},
    {"MissingIssuer", NULL},
    {"MustStaple", NULL},
    {"OcspResponder", NULL},
    {"OcspStatus", NULL},
    {"OcspThisUpdate", NULL},
    {"OcspNextUpdate", NULL},
    {"RevocationTime", NULL},
    {"RevocationReason", NULL},
};

static json_t *identity(const struct model *model, const struct certificate *certificate)
{
    char storage[160];
    struct text text = text_over(storage, sizeof(storage));
    text_append(&text, model_server(model)->name);
    text_append_byte(&text, '\\');
    hex_append_upper(&text, certificate->thumbprint);
    return json_of_slice(text_slice(&text));
}

static json_t *services_mask(const struct certificate *certificate)
{
    char storage[16];
    struct text mask = text_over(storage, sizeof(storage));
    certificate_services_mask_append(&mask, certificate->services);
    return json_of_slice(text_slice(&mask));
}

/* A request has no end yet. */
void certificate_add_health(json_t *json, const struct certificate *certificate, int64_t at_ms)
{
    bool pending = certificate->status == STATUS_PENDING_REQUEST;
    enum certificate_health health = certificate_health(certificate, at_ms);
    json_object_set_new(json, "DaysLeft",
                        pending ? json_null()
                                : json_integer(certificate_days_left(certificate, at_ms)));
    json_object_set_new(json, "Health", json_string(certificate_health_word(health)));
}

static json_t *shown(struct call *call, const struct certificate *certificate,
                     const struct presentation_census *census)
{
    json_t *json = json_object();
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        const char *name = properties[i].row ? properties[i].row : properties[i].shown;
        const struct setting *row = setting_exact(certificate_settings, slice_of(name));
        json_object_set_new(json, properties[i].shown, json_of_setting(row, certificate));
    }
    int64_t now_ms = clock_wall_ms();
    uint32_t status = certificate_status_at(certificate, now_ms);
    json_object_set_new(json, "Identity", identity(call->hub->model, certificate));
    json_object_set_new(json, "Status", json_string(certificate_status_word(status)));
    certificate_add_health(json, certificate, now_ms);
    json_object_set_new(json, "ServicesStringForm", services_mask(certificate));
    json_object_set_new(json, "ServicesMask", services_mask(certificate));
    json_object_set_new(json, "UsedBy",
                        census ? presentation_users(census, certificate) : json_array());
    return json;
}

json_t *certificate_json(struct call *call, const void *certificate)
{
    struct presentation_census *census = presentation_census_new(call->hub->model);
    json_t *json = shown(call, certificate, census);
    free(census);
    return json;
}

/* One of many: Get- keeps the census as its own until the call ends. */
static json_t *one_of_many(struct call *call, const void *certificate)
{
    return shown(call, certificate, call->scratch);
}

/* The findings, and behind them what only this moment tells. */
enum { SENTENCES = CERTIFICATE_FINDINGS + 2 };

static bool append_sentence(const struct certificate *certificate, size_t index, struct text *text)
{
    if (index < CERTIFICATE_FINDINGS)
        return certificate_finding_text(certificate, index, text);
    if (index == CERTIFICATE_FINDINGS)
        return certificate_staple_text(certificate, clock_wall_ms(), text);
    return certificate->x509_version < 3 && certificate->status != STATUS_PENDING_REQUEST &&
           text_append_c(text, "it is of X.509 version 1, without host names or uses: no connector "
                               "presents it. Have it issued again with a subjectAltName");
}

json_t *certificate_findings_json(const struct certificate *certificate)
{
    json_t *list = json_array();
    for (size_t i = 0; i < SENTENCES; i++) {
        struct text sentence = text_with_ceiling(SENTENCE_MAX);
        if (append_sentence(certificate, i, &sentence))
            json_array_append_new(list, json_of_slice(text_slice(&sentence)));
        text_deinit(&sentence);
    }
    return list;
}

void certificate_warn(struct call *call, const struct certificate *certificate)
{
    for (size_t i = 0; i < SENTENCES; i++) {
        struct text sentence = text_with_ceiling(SENTENCE_MAX);
        struct text clean = text_with_ceiling(SENTENCE_MAX);
        if (append_sentence(certificate, i, &sentence)) {
            append_clean(&clean, text_slice(&sentence));
            call_warn(call, "%.*s", SLICE_ARG(text_slice(&clean)));
        }
        text_deinit(&sentence);
        text_deinit(&clean);
    }
}

static bool holds_name(const struct certificate *certificate, struct slice host)
{
    for (size_t i = 0; i < certificate->dns_names.count; i++)
        if (certificate_dns_name_matches(certificate->dns_names.at[i], host))
            return true;
    return false;
}

/* The certificate a connector of that name would present goes first. */
static const struct certificate *chosen_for(const struct call *call, const struct model *model,
                                            struct slice host)
{
    struct receive_connector connector = {
        .enabled = true, .fqdn = host, .auth_mechanism = AUTH_TLS, .tls_mode = TLS_MODE_EXPLICIT};
    return presentation_now(call, model, &connector).certificate;
}

static void emit_by_name(struct call *call, struct slice host)
{
    const struct model *model = call->hub->model;
    const struct certificate *first = chosen_for(call, model, host);
    size_t count = model_count(model, MODEL_CERTIFICATE);
    if (first)
        call_emit(call, one_of_many(call, first));
    for (size_t i = 0; i < count; i++) {
        const struct certificate *certificate = model_certificate(model, i);
        if (certificate != first && holds_name(certificate, host))
            call_emit(call, one_of_many(call, certificate));
    }
}

/* Those that are over, too: for monitoring both are the same alarm. */
static void get_expiring(struct call *call, struct slice host)
{
    int64_t span_ms, now_ms = clock_wall_ms();
    struct slice written = call_text(call, "ExpiresWithin");
    size_t found = 0, count = model_count(call->hub->model, MODEL_CERTIFICATE);
    if (!quantity_parse_span(written, &span_ms) || span_ms < 0) {
        call_fail(call, OPERATION_USAGE,
                  "-ExpiresWithin is a time: 30d, 12h or 30.00:00:00, not \"%.*s\"",
                  SLICE_ARG(slice_first(written, 40)));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct certificate *certificate = model_certificate(call->hub->model, i);
        bool ends = certificate->status != STATUS_PENDING_REQUEST &&
                    certificate_ends_ms(certificate) - now_ms <= span_ms;
        if (!ends || (host.len > 0 && !holds_name(certificate, host)))
            continue;
        call_emit(call, one_of_many(call, certificate));
        found++;
    }
    if (found > 0)
        call_fail(call, OPERATION_FAILED, "%zu certificate%s within %.*s", found,
                  found == 1 ? " expires" : "s expire", SLICE_ARG(written));
    else
        call_done(call);
}

void certificate_get(struct call *call)
{
    const char *name = call_has(call, "Identity") ? "Identity" : "Thumbprint";
    bool expiring = call_has(call, "ExpiresWithin");
    char storage[HOST_PARAMETER_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    struct slice host = host_in_ascii(call_text(call, "DomainName"), &ascii);
    if (!operation_server_is_this(call, "Server"))
        return;
    call->scratch = presentation_census_new(call->hub->model);
    if (expiring && call_has(call, name)) {
        call_fail(call, OPERATION_USAGE,
                  "-%s names one certificate; -ExpiresWithin looks at all of them", name);
    } else if (expiring) {
        get_expiring(call, host);
    } else if (host.len > 0 && !call_has(call, name)) {
        emit_by_name(call, host);
        call_done(call);
    } else {
        operation_get(call, MODEL_CERTIFICATE, name, one_of_many);
    }
}
