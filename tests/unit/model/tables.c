/* SPDX-License-Identifier: Apache-2.0 */
/* The settings tables of the model: complete, and what is printed or encoded comes back. */
#include "fixture.h"

static uint32_t tag_of(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < MODEL_KINDS; kind++) {
        const struct setting *rows = model_kind_facts((enum model_kind)kind)->settings;
        size_t count = settings_count(rows);
        assert_in_range(count, 5, SETTINGS_MAX);
        for (size_t i = 0; i < count; i++) {
            const struct setting *row = &rows[i];
            row_expect(row->name, "has help", row->help && strlen(row->help) > 5, true);
            row_expect(row->name, "help ends with a dot", row->help[strlen(row->help) - 1], '.');
            bool words = row->kind == SETTING_ENUM || row->kind == SETTING_FLAGS;
            row_expect(row->name, "has words", row->words != NULL, words);
            row_expect(row->name, "bounds in order", row->min <= row->max, true);
            for (size_t k = 0; k < i; k++) {
                row_expect(row->name, "name twice",
                           slice_equal_nocase(slice_of(row->name), slice_of(rows[k].name)), false);
                row_expect(row->name, "tag twice", tag_of(row->name) == tag_of(rows[k].name),
                           false);
            }
        }
    }
}

/* Sets rows one by one to what `values` say, prints, parses the print into another object,
 * compares. */
static void print_then_parse(enum model_kind kind, const void *object)
{
    struct arena arena = arena_with_ceiling(1 << 20);
    const struct model_kind_facts *facts = model_kind_facts(kind);
    struct text text = text_with_ceiling(1 << 16);
    for (const struct setting *row = facts->settings; row->name; row++) {
        char *back = arena_take(&arena, facts->size);
        char storage[512];
        struct text error = text_over(storage, sizeof storage);
        text_clear(&text);
        row_expect(row->name, "printed", setting_print(row, object, &text), true);
        struct slice value = text_slice(&text);
        bool required = row->flags & SETTING_REQUIRED;
        if (value.len == 0 && required)
            continue;
        if (!setting_parse(row, back, &arena, &value, 1, &error))
            fail_msg("%s printed \"%.*s\": %.*s", row->name, SLICE_ARG(value),
                     SLICE_ARG(text_slice(&error)));
        row_expect(row->name, "same after print and parse", setting_equal(row, object, back), true);
    }
    text_deinit(&text);
    arena_deinit(&arena);
}

static void encode_then_decode(struct model *model, enum model_kind kind, const void *object)
{
    struct text bytes = text_with_ceiling(1 << 20);
    assert_true(model_object_encode(kind, object, &bytes));
    void *back = model_object_decode(model, kind, text_slice(&bytes));
    assert_non_null(back);
    for (const struct setting *row = model_kind_facts(kind)->settings; row->name; row++)
        row_expect(row->name, "same after encode and decode", setting_equal(row, object, back),
                   true);
    text_deinit(&bytes);
}

static void print_then_parse_is_identity_for_each_row(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    fixture_certificate(model, 7,
                        "CertificateDomains=a.contoso.com,*.contoso.com|Services=SMTP,IIS|"
                        "SerialNumber=0102|FriendlyName=x|Chain=00,01|Status=Revoked");
    struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
    fixture_set_all(model, MODEL_MAILBOX, mailbox,
                    "Name=anna|PrimarySmtpAddress=anna@contoso.com|EmailAddresses=a@contoso.com,"
                    "b@contoso.com|MaildirName=anna|DisplayName=Anna");
    assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    struct permission *permission = model_object_new(model, MODEL_PERMISSION);
    fixture_set_all(
        model, MODEL_PERMISSION, permission,
        "Principal=Mailbox|ExtendedRights=ms-exch-smtp-submit,MS-EXCH-SMTP-ACCEPT-ANY-SENDER|"
        "Deny=1");
    assert_true(model_add(model, MODEL_PERMISSION, permission));
    struct transport_service *service = model_object_new(model, MODEL_TRANSPORT_SERVICE);
    fixture_set_all(
        model, MODEL_TRANSPORT_SERVICE, service,
        "MessageTrackingLogEnabled=0|ReceiveProtocolLogMaxAge=0s|ConnectivityLogEnabled=0|"
        "MessageTrackingLogMaxDirectorySize=5GB|ComponentWishes=HubTransport Inactive "
        "Maintenance 2026-03-03T12:00:00.000Z,ServerWideOffline Draining Functional "
        "2026-03-03T12:00:00.001Z");
    assert_true(model_add(model, MODEL_TRANSPORT_SERVICE, service));
    void *member = model_object_new(model, MODEL_ROLE_MEMBER);
    fixture_set_all(model, MODEL_ROLE_MEMBER, member,
                    "Member=uid:1000|Label=CONTOSO\\anna|RoleGroups=queue management,View-Only "
                    "Organization Management");
    assert_true(model_add(model, MODEL_ROLE_MEMBER, member));
    void *token = model_object_new(model, MODEL_MANAGEMENT_TOKEN);
    fixture_set_all(model, MODEL_MANAGEMENT_TOKEN, token,
                    "Name=monitoring|Description=the, graphs|ExpirationDate=2028-01-01|"
                    "RoleGroups=None|TokenId=0102030405ff");
    assert_true(model_add(model, MODEL_MANAGEMENT_TOKEN, token));
    void *signing = model_object_new(model, MODEL_DKIM_SIGNING_CONFIG);
    fixture_set_all(model, MODEL_DKIM_SIGNING_CONFIG, signing,
                    "DomainName=contoso.com|Enabled=1|BodyCanonicalization=Simple|"
                    "KeyAlgorithm=Both|KeySize=1024|RotateOnDate=2028-01-01|"
                    "SelectorAfterRotateOnDate=selector2|Selector1RsaKey=0102");
    assert_true(model_add(model, MODEL_DKIM_SIGNING_CONFIG, signing));
    fixture_connector(model, "Odd",
                      "AuthMechanism=None|Banner=220 hello|Bindings=10.0.0.1:25,[::1]:26|"
                      "TlsDomainCapabilities=a.b:AcceptCloudServicesMail; "
                      "NO-TLS:AcceptCloudServicesMail|MessageRateSource=All|SizeEnabled="
                      "EnabledwithoutValue|TarpitInterval=00:00:00|MaxHeaderSize=1000|"
                      "RemoteIPRanges=10.0.0.1-10.0.0.9,2001:db8::/32|TlsMinimumVersion=Tls13|"
                      "TlsCertificateName=<I>CN=a<S>CN=b|MaxProtocolErrors=Unlimited|Comment=a, b");
    fixture_send_connector(model, "Out",
                           "AddressSpaces=contoso.com;5,*,*.example.com|MaxMessageSize=Unlimited|"
                           "SmartHosts=relay.contoso.com,192.0.2.1,[2001:db8::1]|"
                           "TlsAuthLevel=DomainValidation|ErrorPolicies=DowngradeDnsFailures|"
                           "TlsCertificateName=<I>CN=a<S>CN=b|AuthenticationCredential=anna");
    for (size_t kind = 0; kind < MODEL_KINDS; kind++) {
        size_t count = model_count(model, (enum model_kind)kind);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            print_then_parse((enum model_kind)kind, model_object(model, (enum model_kind)kind, i));
            encode_then_decode(model, (enum model_kind)kind,
                               model_object(model, (enum model_kind)kind, i));
        }
    }
    model_free(model);
}

static void every_word_and_bound_can_be_set(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(1 << 24);
    for (size_t kind = 0; kind < MODEL_KINDS; kind++) {
        const struct model_kind_facts *facts = model_kind_facts((enum model_kind)kind);
        char *object = arena_take(&arena, facts->size);
        for (const struct setting *row = facts->settings; row->name; row++) {
            row_expect(row->name, "fallback", setting_reset(row, object, &arena), true);
            for (const struct setting_word *w = row->words; w && w->word; w++) {
                struct slice word = slice_of(w->word);
                row_expect(w->word, "set", setting_parse(row, object, &arena, &word, 1, NULL),
                           true);
                char storage[64];
                struct text text = text_over(storage, sizeof storage);
                setting_print(row, object, &text);
                row_expect_slice(w->word, text_slice(&text), word);
            }
            char storage[512];
            struct text form = text_over(storage, sizeof storage);
            row_expect(row->name, "form", setting_print_form(row, &form) && form.len > 3, true);
        }
    }
    arena_deinit(&arena);
}

static void values_of_connectors_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *written;
        bool good;
    } rows[] = {
        {"Banner", "220 mail.contoso.com ready", true},
        {"Banner", "220", true},
        {"Banner", "250 hello", false},
        {"Banner", "220-hello", false},
        {"Banner", "2200", false},
        {"Fqdn", "mail.contoso.com", true},
        {"Fqdn", "mail..contoso.com", false},
        {"Fqdn", "mail contoso", false},
        {"Name", "Relay für Drucker", true},
        {"Name", "a\\b", false},
        {"Name", "a*", false},
        {"Name", " a", false},
        {"Name", "", false},
        {"Name", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"MaxMessageSize", "64KB", true},
        {"MaxMessageSize", "63KB", false},
        {"MaxHopCount", "501", false},
        {"MaxLocalHopCount", "0", true},
        {"MaxInboundConnectionPerSource", "10001", false},
        {"MaxInboundConnectionPercentagePerSource", "101", false},
        {"MaxRecipientsPerMessage", "512000", true},
        {"MaxRecipientsPerMessage", "512001", false},
        {"MaxLogonFailures", "11", false},
        {"ConnectionTimeout", "1.00:00:01", false},
        {"TlsDomainCapabilities", "contoso.com", false},
        {"TlsDomainCapabilities", "contoso.com:Unknown", false},
        {"TransportRole", "HubTransport", true},
        {"TransportRole", "Edge", false},
        {"Server", "-", false},
        {"AuthMechanism", "TLS", true},
        {"PermissionGroups", "AnonymousUsers,Partners", true},
    };
    struct model *model = fixture_model();
    struct receive_connector *connector = model_receive_connector(model, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice value = slice_of(rows[i].written);
        const struct setting *row =
            setting_exact(receive_connector_settings, slice_of(rows[i].setting));
        row_expect(rows[i].written, rows[i].setting,
                   setting_parse(row, connector, model->arena, &value, 1, NULL), rows[i].good);
    }
    model_free(model);
}

static void values_of_send_connectors_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *written;
        bool good;
    } rows[] = {
        {"AddressSpaces", "*;1, --;2, SMTP:contoso.com, *.contoso.com;100", true},
        {"AddressSpaces",
         "b\xc3\xbc"
         "cher.example",
         true},
        {"AddressSpaces", "*contoso.com", false},
        {"AddressSpaces", "*.*.com", false},
        {"AddressSpaces", "contoso..com", false},
        {"AddressSpaces", "anna@contoso.com", false},
        {"AddressSpaces", "contoso.com;101", false},
        {"AddressSpaces", "X400:c=US;1", false},
        {"SmartHosts", "relay.contoso.com,[192.0.2.1],2001:db8::1", true},
        {"SmartHosts", "relay..contoso.com", false},
        {"SmartHosts", "relay.contoso.com:587", false},
        {"MaxMessageSize", "Unlimited", true},
        {"MaxMessageSize", "63KB", false},
        {"Port", "65535", true},
        {"Port", "0", false},
        {"Port", "65536", false},
        {"ConnectionInactivityTimeOut", "1.00:00:00", true},
        {"ConnectionInactivityTimeOut", "1.00:00:01", false},
        {"SourceIPAddress", "2001:db8::1", true},
        {"SourceIPAddress", "mx1", false},
        {"SourceIPAddress", "$null", false},
        {"TlsAuthLevel", "$null", true},
        {"TlsAuthLevel", "None", false},
        {"TlsDomain", "*.contoso.com", false},
        {"SmtpMaxMessagesPerConnection", "0", false},
        {"ErrorPolicies", "UpgradeCustomFailures", false},
        {"SourceTransportServers", "MX1,MX2", false},
    };
    struct model *model = fixture_model();
    struct send_connector *connector = fixture_send_connector(model, "Out", "AddressSpaces=*");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice value = slice_of(rows[i].written);
        const struct setting *row =
            setting_exact(send_connector_settings, slice_of(rows[i].setting));
        row_expect(rows[i].written, rows[i].setting,
                   setting_parse(row, connector, model->arena, &value, 1, NULL), rows[i].good);
    }
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(print_then_parse_is_identity_for_each_row),
        cmocka_unit_test(every_word_and_bound_can_be_set),
        cmocka_unit_test(values_of_connectors_are_judged),
        cmocka_unit_test(values_of_send_connectors_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
