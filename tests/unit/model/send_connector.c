/* SPDX-License-Identifier: Apache-2.0 */
/* Send connectors: each rule with what breaks it and what keeps it, and what is derived. */
#include "fixture.h"

/* A connector "Test" for *, beside one called Other; NULL: it passes. */
/* clang-format off */
static const struct {
    const char *assignments, *says;
} rules[] = {
    {"Enabled=1", NULL},
    {"SmartHosts=relay.contoso.com", "DNSRoutingEnabled and SmartHosts exclude each other"},
    {"DNSRoutingEnabled=0", "DNSRoutingEnabled $false needs SmartHosts"},
    {"DNSRoutingEnabled=0|SmartHosts=192.0.2.1", NULL},
    {"RequireTLS=1", NULL},
    {"RequireTLS=1|IgnoreSTARTTLS=1", "RequireTLS and IgnoreSTARTTLS exclude each other"},
    {"RequireTLS=1|ForceHELO=1", "RequireTLS and ForceHELO exclude each other"},
    {"TlsAuthLevel=EncryptionOnly", "TlsAuthLevel needs RequireTLS"},
    {"TlsAuthLevel=CertificateValidation|RequireTLS=1", NULL},
    {"TlsAuthLevel=DomainValidation|RequireTLS=1", NULL},
    {"TlsAuthLevel=DomainValidation|RequireTLS=1|DNSRoutingEnabled=0|SmartHosts=a.b", "needs TlsDomain"},
    {"TlsAuthLevel=DomainValidation|RequireTLS=1|DNSRoutingEnabled=0|SmartHosts=a.b|TlsDomain=a.b", NULL},
    {"TlsDomain=a.b|RequireTLS=1|TlsAuthLevel=CertificateValidation", "TlsAuthLevel DomainValidation only"},
    {"DomainSecureEnabled=1", NULL},
    {"DomainSecureEnabled=1|DNSRoutingEnabled=0|SmartHosts=a.b", "DomainSecureEnabled needs DNSRoutingEnabled"},
    {"DomainSecureEnabled=1|IgnoreSTARTTLS=1", "DomainSecureEnabled needs TLS"},
    {"DomainSecureEnabled=1|ForceHELO=1", "DomainSecureEnabled needs TLS"},
    {"SmartHostAuthMechanism=BasicAuth|AuthenticationCredential=anna", "SmartHostAuthMechanism is for SmartHosts"},
    {"SmartHostAuthMechanism=BasicAuth|DNSRoutingEnabled=0|SmartHosts=a.b", "need AuthenticationCredential"},
    {"SmartHostAuthMechanism=BasicAuthRequireTLS|DNSRoutingEnabled=0|SmartHosts=a.b", "need AuthenticationCredential"},
    {"SmartHostAuthMechanism=BasicAuth|DNSRoutingEnabled=0|SmartHosts=a.b|AuthenticationCredential=anna", NULL},
    {"SmartHostAuthMechanism=BasicAuth|DNSRoutingEnabled=0|SmartHosts=a.b|AuthenticationCredential=anna|ForceHELO=1", "a login needs EHLO"},
    {"SmartHostAuthMechanism=BasicAuthRequireTLS|DNSRoutingEnabled=0|SmartHosts=a.b|AuthenticationCredential=anna|IgnoreSTARTTLS=1", "BasicAuthRequireTLS and IgnoreSTARTTLS"},
    {"SmartHostAuthMechanism=ExchangeServer|DNSRoutingEnabled=0|SmartHosts=a.b", "needs a Windows domain"},
    {"SmartHostAuthMechanism=ExternalAuthoritative|DNSRoutingEnabled=0|SmartHosts=a.b", NULL},
    {"SourceTransportServers=mx1", NULL},
    {"SourceTransportServers=MX2", "\"MX2\" is not this server"},
    {"Name=OTHER", "there is a send connector \"OTHER\" already"},
    {"AddressSpaces=xn--bcher-kva.example,bücher.example", "are one domain"},
    {"AddressSpaces=bücher.example,xn--bcher-kva.example;2", "are one domain"},
    {"AddressSpaces=bücher.example,*.bücher.example", NULL},
    {"TlsCertificateName=<I>CN=a<S>CN=b", NULL},
};
/* clang-format on */

static void rules_of_send_connectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        char storage[2048];
        struct text error = text_over(storage, sizeof storage);
        struct model *model = fixture_model();
        fixture_send_connector(model, "Other", "AddressSpaces=*");
        struct send_connector *test = fixture_send_connector(model, "Test", "AddressSpaces=*");
        assert_true(model_validate_all(model, NULL));
        fixture_set_all(model, MODEL_SEND_CONNECTOR, test, rules[i].assignments);
        assert_true(send_connector_derive(test, model, fixture_parse_name, model->arena, &error));
        bool good = model_validate(model, MODEL_SEND_CONNECTOR, test, &error);
        row_expect(rules[i].assignments, "passes", good, rules[i].says == NULL);
        if (rules[i].says && !slice_contains(text_slice(&error), slice_of(rules[i].says)))
            fail_msg("%s: \"%.*s\" does not say \"%s\"", rules[i].assignments,
                     SLICE_ARG(text_slice(&error)), rules[i].says);
        model_free(model);
    }
}

static void what_must_be_there_is_asked_for(void **state)
{
    (void)state;
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    struct model *model = fixture_model();
    struct send_connector *test = fixture_send_connector(model, "Test", "AddressSpaces=*");
    test->address_spaces.count = 0;
    assert_false(model_validate(model, MODEL_SEND_CONNECTOR, test, &error));
    assert_true(slice_contains(text_slice(&error), SLICE("-AddressSpaces \"*\"")));
    test->address_spaces.count = 1;
    test->tls_certificate_name = SLICE("<I>CN=a<S>CN=b"); /* not derived */
    assert_false(model_validate(model, MODEL_SEND_CONNECTOR, test, NULL));
    test->tls_certificate_name = test->name = (struct slice){0};
    assert_false(model_validate(model, MODEL_SEND_CONNECTOR, test, NULL));
    model_free(model);
}

static void a_certificate_that_is_named_stays(void **state)
{
    (void)state;
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    struct model *model = fixture_model();
    struct certificate *certificate = fixture_certificate(model, 1, "");
    struct send_connector *test = fixture_send_connector(
        model, "Test",
        "AddressSpaces=*|TlsCertificateName=<I>CN=Authority, C=US<S>CN=mail.contoso.com");
    assert_true(send_connector_names(test, certificate));
    assert_false(model_validate_removal(model, MODEL_CERTIFICATE, certificate, &error));
    assert_true(slice_contains(text_slice(&error), SLICE("Set-SendConnector \"Test\"")));
    fixture_certificate(model, 2, ""); /* a twin */
    assert_true(model_validate_removal(model, MODEL_CERTIFICATE, certificate, NULL));

    fixture_set(model, MODEL_SEND_CONNECTOR, test, "TlsCertificateName",
                "0101010101010101010101010101010101010101");
    assert_true(send_connector_derive(test, model, fixture_parse_name, model->arena, NULL));
    assert_true(send_connector_names(test, certificate));
    assert_false(send_connector_names(test, model_certificate(model, 1)));
    fixture_set(model, MODEL_SEND_CONNECTOR, test, "TlsCertificateName", "CN=mail.contoso.com");
    assert_false(send_connector_derive(test, model, fixture_parse_name, model->arena, NULL));
    model_free(model);
}

static void defaults_and_usages(void **state)
{
    (void)state;
    enum send_connector_usage usage;
    struct model *model = fixture_model();
    assert_int_equal(model_count(model, MODEL_SEND_CONNECTOR), 0);
    struct send_connector *test = fixture_send_connector(model, "Test", "AddressSpaces=*");
    assert_int_equal(test->max_message_bytes, 35 << 20);
    assert_int_equal(test->port, 25);
    assert_int_equal(test->tls_auth_level, 0);
    row_expect_slice("server", test->source_servers.at[0], SLICE("MX1"));
    row_expect_slice("fqdn", send_connector_fqdn(test, model_server(model)),
                     SLICE("mx1.contoso.com"));
    assert_true(send_connector_usage_parse(SLICE("partner"), &usage));
    send_connector_apply_usage(test, usage);
    assert_int_equal(test->max_message_bytes, 35 << 20);
    assert_true(send_connector_usage_parse(SLICE("Internal"), &usage));
    send_connector_apply_usage(test, usage);
    assert_true(test->max_message_bytes == INT64_MAX);
    assert_false(send_connector_usage_parse(SLICE("Client"), &usage));
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_send_connectors),
        cmocka_unit_test(what_must_be_there_is_asked_for),
        cmocka_unit_test(a_certificate_that_is_named_stays),
        cmocka_unit_test(defaults_and_usages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
