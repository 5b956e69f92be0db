/* SPDX-License-Identifier: Apache-2.0 */
/* model_validate: each rule with what breaks it and what keeps it. */
#include "fixture.h"

/* A connector on port 99 beside one called Other on port 98 with 10.0.0.0/24; NULL: it passes. */
/* clang-format off */
static const struct {
    const char *assignments, *says;
} connectors[] = {
    {"RequireTLS=1|AuthMechanism=Tls", NULL},
    {"RequireTLS=1|AuthMechanism=None", "RequireTLS needs Tls"},
    {"TlsMode=Implicit", NULL},
    {"TlsMode=Implicit|AuthMechanism=BasicAuth", "TlsMode Implicit needs Tls"},
    {"AuthMechanism=Tls,BasicAuth,BasicAuthRequireTLS", NULL},
    {"AuthMechanism=Tls,BasicAuthRequireTLS", "BasicAuthRequireTLS needs BasicAuth and Tls"},
    {"AuthMechanism=BasicAuth,BasicAuthRequireTLS", "BasicAuthRequireTLS needs BasicAuth and Tls"},
    {"AuthMechanism=Tls,ExternalAuthoritative|PermissionGroups=ExchangeServers", NULL},
    {"AuthMechanism=ExternalAuthoritative|PermissionGroups=ExchangeServers", NULL},
    {"AuthMechanism=BasicAuth,ExternalAuthoritative|PermissionGroups=ExchangeServers", "only Tls may stand beside"},
    {"AuthMechanism=ExternalAuthoritative|PermissionGroups=AnonymousUsers", "needs ExchangeServers in PermissionGroups"},
    {"BinaryMimeEnabled=0|ChunkingEnabled=0", NULL},
    {"ChunkingEnabled=0", "BinaryMimeEnabled needs ChunkingEnabled"},
    {"DomainSecureEnabled=1", NULL},
    {"DomainSecureEnabled=1|AuthMechanism=None", "DomainSecureEnabled needs Tls"},
    {"DomainSecureEnabled=1|AuthMechanism=Tls,ExternalAuthoritative|PermissionGroups=ExchangeServers", "excludes ExternalAuthoritative"},
    {"ConnectionTimeout=00:05:00|ConnectionInactivityTimeout=00:04:59", NULL},
    {"ConnectionTimeout=00:05:00|ConnectionInactivityTimeout=00:05:00", "must be less than ConnectionTimeout"},
    {"LongAddressesEnabled=1|TransportRole=HubTransport", NULL},
    {"LongAddressesEnabled=1|TransportRole=FrontendTransport", "HubTransport only"},
    {"TlsCertificateName=<I>CN=a<S>CN=b", NULL},
    {"Name=other", "there is a receive connector \"other\" already"},
    {"Server=MX2", "belongs to \"MX2\", this is \"MX1\""},
    /* between two: 10.0.0.0/24 on 0.0.0.0:98 is taken */
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.0.0/25", NULL},
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.0.0/8", NULL},
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.1.0/24", NULL},
    {"Bindings=[::]:98|RemoteIPRanges=10.0.0.0/24", NULL},
    {"Bindings=10.9.9.9:98|RemoteIPRanges=10.0.0.0/24", NULL},
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.0.0/24", "\"Test\" and \"Other\" conflict on 0.0.0.0:98: both hold 10.0.0.0/24"},
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.0.128-10.0.1.5", "\"Test\" and \"Other\" conflict on 0.0.0.0:98: both hold, neither range within the other, 10.0.0.128/25"},
    {"Bindings=10.9.9.9:98|RemoteIPRanges=9.255.255.0-10.0.0.3", "10.0.0.0/30"},
    {"Bindings=0.0.0.0:99,0.0.0.0:98|RemoteIPRanges=10.0.0.0/24", "conflict on 0.0.0.0:98"},
    {"Bindings=0.0.0.0:98|RemoteIPRanges=10.0.1.0/24|TransportRole=FrontendTransport", "different roles can never share"},
    {"Bindings=10.9.9.9:98|RemoteIPRanges=10.0.1.0/24|TransportRole=FrontendTransport", "different roles can never share"},
    {"Bindings=0.0.0.0:25|TransportRole=HubTransport|RemoteIPRanges=1.2.3.4", "conflict with \"Default Frontend MX1\""},
    {"Bindings=0.0.0.0:25|TransportRole=FrontendTransport|RemoteIPRanges=1.2.3.4", NULL},
};
/* clang-format on */

static void expect(const char *row, bool good, const struct text *error, const char *says)
{
    row_expect(row, "passes", good, says == NULL);
    row_expect(row, "error given", error->len != 0, says != NULL);
    if (says && !slice_contains(text_slice(error), slice_of(says)))
        fail_msg("%s: \"%.*s\" does not say \"%s\"", row, SLICE_ARG(text_slice(error)), says);
}

static void rules_of_connectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(connectors); i++) {
        char storage[2048];
        struct text error = text_over(storage, sizeof storage);
        struct model *model = fixture_model();
        fixture_connector(model, "Other", "Bindings=0.0.0.0:98|RemoteIPRanges=10.0.0.0/24");
        struct receive_connector *test = fixture_connector(model, "Test", "Bindings=0.0.0.0:99");
        assert_true(model_validate_all(model, NULL));
        const struct receive_connector before = *test;
        fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, test, connectors[i].assignments);
        fixture_derive(model, test);
        bool good = model_validate(model, MODEL_RECEIVE_CONNECTOR, test, &error);
        expect(connectors[i].assignments, good, &error, connectors[i].says);
        row_expect(connectors[i].assignments, "whole model", model_validate_all(model, NULL), good);
        struct model_validation validation = {.model = model};
        row_expect(connectors[i].assignments, "after what it was",
                   model_validate_after(&validation, MODEL_RECEIVE_CONNECTOR, &before, test, NULL),
                   good);
        model_validation_end(&validation);
        model_free(model);
    }
}

static void a_certificate_name_that_was_not_understood_is_refused(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct receive_connector *connector = model_receive_connector(model, 0);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName", "CN=a");
    assert_false(model_validate(model, MODEL_RECEIVE_CONNECTOR, connector, NULL));
    model_free(model);
}

/* Two further domains and two mailboxes; then one object is changed. */
static void rules_of_domains_and_mailboxes(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        enum model_kind kind;
        size_t index;
        const char *assignments, *says;
    } rows[] = {
        {MODEL_ACCEPTED_DOMAIN, 1, "DomainType=InternalRelay", NULL},
        {MODEL_ACCEPTED_DOMAIN, 1, "DomainName=CONTOSO.com", "CONTOSO.com is an accepted domain already"},
        {MODEL_ACCEPTED_DOMAIN, 1, "DomainName=xn--bcher-kva.example", "xn--bcher-kva.example is an accepted domain already, as b\xc3\xbc" "cher.example"},
        {MODEL_ACCEPTED_DOMAIN, 1, "DomainName=*.xn--bcher-kva.example", NULL},
        {MODEL_ACCEPTED_DOMAIN, 3, "DomainName=B\xc3\x9c" "CHER.example", NULL},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=c@XN--bcher-kva.example", NULL},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=C@xn--bcher-kva.example", NULL},
        {MODEL_MAILBOX, 0, "EmailAddresses=u@xn--bcher-kva.example", "mailbox \"bert\" has this address already"},
        {MODEL_ACCEPTED_DOMAIN, 1, "Name=Contoso.com", "there is an accepted domain"},
        {MODEL_ACCEPTED_DOMAIN, 1, "Default=1", "exactly one accepted domain is the default one, not 2"},
        {MODEL_ACCEPTED_DOMAIN, 0, "Default=0", "exactly one accepted domain is the default one, not 0"},
        {MODEL_ACCEPTED_DOMAIN, 2, "Default=1", "a wildcard domain cannot be"},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=c@fabrikam.com", NULL},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=c@sub.fabrikam.com", NULL},
        {MODEL_MAILBOX, 0, "EmailAddresses=c@fabrikam.com,d@contoso.com", NULL},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=a@elsewhere.com", "not an accepted domain"},
        {MODEL_MAILBOX, 0, "EmailAddresses=c@fabrikam.com,d@elsewhere.com", "d@elsewhere.com: its domain"},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=BERT@contoso.com", "mailbox \"bert\" has this address already"},
        {MODEL_MAILBOX, 0, "EmailAddresses=b@contoso.com", "mailbox \"bert\" has this address already"},
        {MODEL_MAILBOX, 0, "Name=BERT", "there is a mailbox"},
        {MODEL_MAILBOX, 0, "MaildirName=bert", "has the folder \"bert\""},
        {MODEL_MAILBOX, 0, "PrimarySmtpAddress=ALL@contoso.com", "distribution group \"staff\" has this address already"},
        {MODEL_MAILBOX, 0, "ForwardingSmtpAddress=x@far.example", NULL},
        {MODEL_MAILBOX, 1, "ForwardingSmtpAddress=B@contoso.com", "an address of the mailbox itself"},
        {MODEL_DISTRIBUTION_GROUP, 0, "Members=", NULL},
        {MODEL_DISTRIBUTION_GROUP, 0, "Members=staff@contoso.com", NULL},
        {MODEL_DISTRIBUTION_GROUP, 0, "Members=anna", "anna is no address"},
        {MODEL_DISTRIBUTION_GROUP, 0, "PrimarySmtpAddress=b@contoso.com", "mailbox \"bert\" has this address already"},
        {MODEL_DISTRIBUTION_GROUP, 0, "EmailAddresses=x@elsewhere.com", "not an accepted domain"},
        {MODEL_DISTRIBUTION_GROUP, 1, "Name=STAFF", "there is a distribution group"},
        {MODEL_DISTRIBUTION_GROUP, 1, "EmailAddresses=all@contoso.com", "distribution group \"staff\" has this address already"},
        {MODEL_PERMISSION, 0, "ExtendedRights=ms-Exch-SMTP-Submit", NULL},
        {MODEL_PERMISSION, 0, "Object=00000000-0000-0000-0000-000000000001", "no such receive connector"},
        {MODEL_PERMISSION, 0, "Principal=NT AUTHORITY\\SELF", "a connector has none"},
        {MODEL_PERMISSION, 0, "Principal=Mailbox|Mailbox=00000000-0000-0000-0000-000000000002", "no such mailbox"},
        {MODEL_PERMISSION, 0, "Principal=Mailbox|Mailbox=00000000-0000-0000-0000-0000000000b1", NULL},
        {MODEL_PERMISSION, 0, "ExtendedRights=Send As", "no such mailbox"},
        {MODEL_PERMISSION, 0, "ExtendedRights=Send As,ms-Exch-SMTP-Submit", "Give them one by one"},
        {MODEL_PERMISSION, 0, "Object=00000000-0000-0000-0000-0000000000b1|ExtendedRights=Send As", "no mailbox to log in with"},
        {MODEL_PERMISSION, 0, "Object=00000000-0000-0000-0000-0000000000b1|ExtendedRights=Send As|Principal=NT AUTHORITY\\SELF", NULL},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[1024];
        struct text error = text_over(storage, sizeof storage);
        struct model *model = fixture_model();
        const char *domains[] = {"Name=f|DomainName=fabrikam.com",
                                 "Name=s|DomainName=*.fabrikam.com",
                                 "Name=u|DomainName=b\xc3\xbc"
                                 "cher.example"};
        const char *mailboxes[] = {"Name=anna|PrimarySmtpAddress=anna@contoso.com|MaildirName=anna",
                                   "Name=bert|PrimarySmtpAddress=bert@contoso.com|MaildirName=bert|"
                                   "EmailAddresses=b@contoso.com,u@B\xc3\xbc"
                                   "cher.example|"
                                   "Guid=00000000-0000-0000-0000-0000000000b1"};
        for (size_t k = 0; k < COUNT_OF(domains); k++) {
            void *domain = model_object_new(model, MODEL_ACCEPTED_DOMAIN);
            fixture_set_all(model, MODEL_ACCEPTED_DOMAIN, domain, domains[k]);
            assert_true(model_add(model, MODEL_ACCEPTED_DOMAIN, domain));
        }
        for (size_t k = 0; k < COUNT_OF(mailboxes); k++) {
            void *mailbox = model_object_new(model, MODEL_MAILBOX);
            fixture_set_all(model, MODEL_MAILBOX, mailbox, mailboxes[k]);
            assert_true(model_add(model, MODEL_MAILBOX, mailbox));
        }
        const char *groups[] = {"Name=staff|PrimarySmtpAddress=staff@contoso.com|EmailAddresses="
                                "all@contoso.com|Members=anna@contoso.com",
                                "Name=crew|PrimarySmtpAddress=crew@contoso.com"};
        for (size_t k = 0; k < COUNT_OF(groups); k++) {
            void *group = model_object_new(model, MODEL_DISTRIBUTION_GROUP);
            fixture_set_all(model, MODEL_DISTRIBUTION_GROUP, group, groups[k]);
            assert_true(model_add(model, MODEL_DISTRIBUTION_GROUP, group));
        }
        struct permission *permission = model_object_new(model, MODEL_PERMISSION);
        permission->object = model_receive_connector(model, 0)->id;
        fixture_set_all(model, MODEL_PERMISSION, permission,
                        "Principal=NT AUTHORITY\\ANONYMOUS "
                        "LOGON|ExtendedRights=ms-Exch-SMTP-Accept-Any-Recipient");
        assert_true(model_add(model, MODEL_PERMISSION, permission));
        if (!model_validate_all(model, &error))
            fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
        void *object = model_object(model, rows[i].kind, rows[i].index);
        fixture_set_all(model, rows[i].kind, object, rows[i].assignments);
        bool good = model_validate(model, rows[i].kind, object, &error);
        expect(rows[i].assignments, good, &error, rows[i].says);
        model_free(model);
    }
}

static void rules_of_certificates_and_of_removal(void **state)
{
    (void)state;
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    struct model *model = fixture_model();
    struct certificate *old = fixture_certificate(model, 10, "");
    assert_true(model_validate_all(model, NULL));
    struct receive_connector *connector = model_receive_connector(model, 0);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName",
                "<I>CN=Authority, C=US<S>CN=mail.contoso.com");
    fixture_derive(model, connector);
    bool removable = model_validate_removal(model, MODEL_CERTIFICATE, old, &error);
    expect("named, no twin", removable, &error, "-TlsCertificateName $null");
    struct certificate *twin = fixture_certificate(model, 11, "");
    assert_true(model_validate_removal(model, MODEL_CERTIFICATE, old, NULL));
    twin->services = 0;
    assert_false(model_validate_removal(model, MODEL_CERTIFICATE, old, NULL));
    twin->thumbprint = old->thumbprint;
    assert_false(model_validate(model, MODEL_CERTIFICATE, twin, NULL));

    struct accepted_domain *domain = model_accepted_domain(model, 0);
    assert_false(model_validate_removal(model, MODEL_ACCEPTED_DOMAIN, domain, NULL));
    struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
    fixture_set_all(model, MODEL_MAILBOX, mailbox, "Name=a|PrimarySmtpAddress=a@contoso.com");
    assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    domain->is_default = false;
    text_clear(&error);
    removable = model_validate_removal(model, MODEL_ACCEPTED_DOMAIN, domain, &error);
    expect("domain with a mailbox", removable, &error, "mailbox \"a\" has an address");
    assert_true(model_remove(model, MODEL_MAILBOX, mailbox));
    assert_true(model_validate_removal(model, MODEL_ACCEPTED_DOMAIN, domain, NULL));
    assert_false(model_validate_removal(model, MODEL_SERVER, model_server(model), NULL));
    model_free(model);
}

static void usage_types(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *usage;
        bool bindings, ranges;
        const char *groups, *mechanisms, *bound, *clients; /* groups NULL: refused */
    } rows[] = {
        {"client", false, true, "ExchangeUsers", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS", "0.0.0.0:3087, [::]:3087", NULL},
        {"Client", false, false, NULL, NULL, NULL, NULL},
        {"Custom", true, true, "None", "Tls", "", NULL},
        {"Custom", true, false, NULL, NULL, NULL, NULL},
        {"Custom", false, true, NULL, NULL, NULL, NULL},
        {"Internal", false, true, "ExchangeServers, ExchangeLegacyServers", "Tls, ExchangeServer", "0.0.0.0:2525, [::]:2525", NULL},
        {"Internet", true, false, "AnonymousUsers", "Tls", "", "0.0.0.0-255.255.255.255"},
        {"Internet", false, false, NULL, NULL, NULL, NULL},
        {"Partner", true, true, "Partners", "Tls", "", NULL},
        {"Partner", true, false, NULL, NULL, NULL, NULL},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = fixture_model();
        struct receive_connector *c = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
        enum receive_connector_usage usage;
        char storage[512];
        struct text text = text_over(storage, sizeof storage);
        assert_true(receive_connector_usage_parse(slice_of(rows[i].usage), &usage));
        bool done = receive_connector_apply_usage(c, usage, rows[i].bindings, rows[i].ranges, 2500,
                                                  model->arena, &text);
        row_expect(rows[i].usage, "applied", done, rows[i].groups != NULL);
        row_expect(rows[i].usage, "error", text.len != 0, rows[i].groups == NULL);
        const char *settings[] = {"PermissionGroups", "AuthMechanism", "Bindings",
                                  "RemoteIPRanges"};
        const char *expected[] = {rows[i].groups, rows[i].mechanisms, rows[i].bound,
                                  rows[i].clients};
        for (size_t k = 0; k < 4; k++) {
            if (!expected[k])
                continue;
            text_clear(&text);
            setting_print(setting_exact(receive_connector_settings, slice_of(settings[k])), c,
                          &text);
            row_expect_slice(rows[i].usage, text_slice(&text), slice_of(expected[k]));
        }
        model_free(model);
    }
    enum receive_connector_usage usage;
    assert_false(receive_connector_usage_parse(SLICE("Edge"), &usage));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_connectors),
        cmocka_unit_test(a_certificate_name_that_was_not_understood_is_refused),
        cmocka_unit_test(rules_of_domains_and_mailboxes),
        cmocka_unit_test(rules_of_certificates_and_of_removal),
        cmocka_unit_test(usage_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
