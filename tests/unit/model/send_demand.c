/* SPDX-License-Identifier: Apache-2.0 */
/* What is demanded of the way to another server, by whom, and what takes it back. */
#include "model/send_demand.h"
#include "unit/model/fixture.h"

#include <stdio.h>

#define LEVEL "RequireTLS=$true|TlsAuthLevel="
#define OUT "Set-SendConnector \"Out\" "

static const struct scene {
    const char *name, *connector, *domain;
    enum send_tls tls;
    uint32_t level;
    const char *text, *source, *undo;
} scenes[] = {
    /* clang-format off */
    {"the default", "", "a.example", SEND_TLS_OPPORTUNISTIC, 0, "TLS where it is offered, with any certificate; else in clear", "nobody: it is the default", ""},
    {"ignored", "IgnoreSTARTTLS=$true", "a.example", SEND_TLS_NONE, 0, "no TLS, even where it is offered", "IgnoreSTARTTLS of the send connector", OUT "-IgnoreSTARTTLS $false"},
    {"hidden", "ForceHELO=$true", "a.example", SEND_TLS_OPPORTUNISTIC, 0, "no TLS, even where it is offered", "ForceHELO of the send connector", OUT "-ForceHELO $false"},
    {"required", "RequireTLS=$true", "a.example", SEND_TLS_REQUIRED, 0, "TLS, with any certificate", "RequireTLS of the send connector", OUT "-TlsAuthLevel $null -RequireTLS $false"},
    {"encryption only", LEVEL "EncryptionOnly", "a.example", SEND_TLS_REQUIRED, TLS_AUTH_ENCRYPTION_ONLY, "TLS, with any certificate", "RequireTLS of the send connector", OUT "-TlsAuthLevel $null -RequireTLS $false"},
    {"a good chain", LEVEL "CertificateValidation", "a.example", SEND_TLS_REQUIRED, TLS_AUTH_CERTIFICATE_VALIDATION, "TLS, and a certificate that a trusted root vouches for", "TlsAuthLevel of the send connector", OUT "-TlsDomain $null -TlsAuthLevel EncryptionOnly"},
    {"for the recipient's domain", LEVEL "DomainValidation", "a.example", SEND_TLS_REQUIRED, TLS_AUTH_DOMAIN_VALIDATION, "TLS, and a certificate for a.example that a trusted root vouches for", "TlsAuthLevel of the send connector", OUT "-TlsDomain $null -TlsAuthLevel EncryptionOnly"},
    {"for a name", LEVEL "DomainValidation|TlsDomain=b.example", "a.example", SEND_TLS_REQUIRED, TLS_AUTH_DOMAIN_VALIDATION, "TLS, and a certificate for b.example that a trusted root vouches for", "TlsAuthLevel of the send connector", OUT "-TlsDomain $null -TlsAuthLevel EncryptionOnly"},
    {"a secured domain", "DomainSecureEnabled=$true", "secured.example", SEND_TLS_REQUIRED, TLS_AUTH_DOMAIN_VALIDATION, "TLS, and a certificate for secured.example that a trusted root vouches for", "TLSSendDomainSecureList of the transport configuration", "Set-TransportConfig -TLSSendDomainSecureList @{Remove='secured.example'}"},
    {"a secured domain, more than the connector demands", "DomainSecureEnabled=$true|" LEVEL "DomainValidation|TlsDomain=b.example", "secured.example", SEND_TLS_REQUIRED, TLS_AUTH_DOMAIN_VALIDATION, "TLS, and a certificate for secured.example that a trusted root vouches for", "TLSSendDomainSecureList of the transport configuration", "Set-TransportConfig -TLSSendDomainSecureList @{Remove='secured.example'}"},
    {"another domain", "DomainSecureEnabled=$true", "a.example", SEND_TLS_OPPORTUNISTIC, 0, "TLS where it is offered, with any certificate; else in clear", "nobody: it is the default", ""},
    {"a connector that secures nothing", "", "secured.example", SEND_TLS_OPPORTUNISTIC, 0, "TLS where it is offered, with any certificate; else in clear", "nobody: it is the default", ""},
    /* clang-format on */
};

static void see(struct model *model, const struct scene *scene)
{
    char assignments[400], text_storage[400], undo_storage[400];
    struct text text = text_over(text_storage, sizeof text_storage);
    struct text undo = text_over(undo_storage, sizeof undo_storage);
    snprintf(assignments, sizeof assignments, "AddressSpaces=*|%s", scene->connector);
    struct send_connector *connector = fixture_send_connector(model, "Out", assignments);
    struct slice domain = slice_of(scene->domain);
    struct send_demand demand = send_demand_of(model, connector, domain);
    row_expect(scene->name, "tls", demand.tls, scene->tls);
    row_expect(scene->name, "level", demand.level, scene->level);
    send_demand_text(&demand, domain, &text);
    row_expect_slice(scene->name, text_slice(&text), slice_of(scene->text));
    row_expect_slice(scene->name, slice_of(send_demand_source_text(demand.source)),
                     slice_of(scene->source));
    row_expect(scene->name, "undone", send_demand_undo(&demand, connector, domain, &undo),
               scene->undo[0] != 0);
    row_expect_slice(scene->name, text_slice(&undo), slice_of(scene->undo));
}

static void every_scene(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        struct model *model = fixture_model();
        fixture_set(model, MODEL_TRANSPORT_CONFIG, model_transport_config(model),
                    "TLSSendDomainSecureList", "secured.example");
        see(model, &scenes[i]);
        model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_scene)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
