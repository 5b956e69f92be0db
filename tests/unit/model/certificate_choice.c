/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_choice: which certificate a connector presents, why not the others, and when that
 * changes. */
#include "model/certificate_choice.h"
#include "fixture.h"

/* Each scene has up to four certificates A B C D, thumbprints 0A.. 0B.. 0C.. 0D..; a line of
 * settings each. A good one is issued, has its key and SMTP, and is valid from day 0 to day 100. */
struct scene {
    const char *name;
    const char *connector; /* settings beside mail.contoso.com as Fqdn */
    int day;
    const char *certificates[4];
    const char *chosen; /* "A", or "" for none */
    const char *rule;
    const char *reasons[4];
    const char *flags; /* M named_missing, E expired, N not yet valid */
};

#define MAIL "CertificateDomains=mail.contoso.com"
#define OLD_AUTHORITY "Issuer=CN=Old Authority"
#define NAMED "TlsCertificateName=<I>CN=Authority, C=US<S>CN=mail.contoso.com"
#define PIN_B "TlsCertificateName=0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B"

/* clang-format off */
static const struct scene scenes[] = {
    {"by fqdn", "", 50, {MAIL}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"no certificate at all", "", 50, {NULL}, "", "CONNECTOR_FQDN", {NULL}, ""},
    {"name mismatch", "", 50, {"CertificateDomains=www.contoso.com"}, "", "CONNECTOR_FQDN", {"NAME_MISMATCH"}, ""},
    {"one of two matches", "", 50, {"CertificateDomains=www.contoso.com", "CertificateDomains=x.y,mail.contoso.com"}, "B", "CONNECTOR_FQDN", {"NAME_MISMATCH", "CHOSEN"}, ""},
    {"case and dot", "Fqdn=MAIL.contoso.com", 50, {"CertificateDomains=Mail.Contoso.COM"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"server's name", "Fqdn=$null", 50, {MAIL, "CertificateDomains=mx1.contoso.com"}, "B", "SERVER_FQDN", {"NAME_MISMATCH", "CHOSEN"}, ""},
    {"wildcard", "", 50, {"CertificateDomains=*.contoso.com"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"wildcard is one label", "Fqdn=a.mail.contoso.com", 50, {"CertificateDomains=*.contoso.com"}, "", "CONNECTOR_FQDN", {"NAME_MISMATCH"}, ""},
    {"wildcard is not no label", "Fqdn=contoso.com", 50, {"CertificateDomains=*.contoso.com"}, "", "CONNECTOR_FQDN", {"NAME_MISMATCH"}, ""},
    {"exact before wildcard", "", 50, {"CertificateDomains=*.contoso.com|NotBefore=1970-01-20", MAIL}, "B", "CONNECTOR_FQDN", {"WILDCARD_AFTER_EXACT", "CHOSEN"}, ""},
    {"both forms in one", "", 50, {"CertificateDomains=*.contoso.com,mail.contoso.com", MAIL}, "B", "CONNECTOR_FQDN", {"LOWER_THUMBPRINT", "CHOSEN"}, ""},
    {"issued before self-signed", "", 50, {MAIL "|IsSelfSigned=1|NotBefore=1970-01-20", MAIL}, "B", "CONNECTOR_FQDN", {"SELF_SIGNED_AFTER_ISSUED", "CHOSEN"}, ""},
    {"issued wildcard before exact self-signed", "", 50, {MAIL "|IsSelfSigned=1", "CertificateDomains=*.contoso.com"}, "B", "CONNECTOR_FQDN", {"SELF_SIGNED_AFTER_ISSUED", "CHOSEN"}, ""},
    {"self-signed alone", "", 50, {MAIL "|IsSelfSigned=1"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"newest valid-from", "", 50, {MAIL, MAIL "|NotBefore=1970-01-20", MAIL "|NotBefore=1970-01-10"}, "B", "CONNECTOR_FQDN", {"OLDER_SAME_NAME", "CHOSEN", "OLDER_SAME_NAME"}, ""},
    {"newest though it ends first", "", 50, {MAIL "|NotAfter=1980-01-01", MAIL "|NotBefore=1970-01-20|NotAfter=1970-03-30"}, "B", "CONNECTOR_FQDN", {"OLDER_SAME_NAME", "CHOSEN"}, ""},
    {"later expiry", "", 50, {MAIL "|NotAfter=1980-01-01", MAIL}, "A", "CONNECTOR_FQDN", {"CHOSEN", "EARLIER_EXPIRY"}, ""},
    {"greater thumbprint", "", 50, {MAIL, MAIL, MAIL}, "C", "CONNECTOR_FQDN", {"LOWER_THUMBPRINT", "LOWER_THUMBPRINT", "CHOSEN"}, ""},
    {"SMTP not enabled", "", 50, {MAIL "|Services=IIS", MAIL "|NotBefore=1970-01-01"}, "B", "CONNECTOR_FQDN", {"SERVICE_NOT_ENABLED", "CHOSEN"}, ""},
    {"SMTP not enabled on the only one", "", 50, {MAIL "|Services=IMAP,POP,IIS"}, "", "CONNECTOR_FQDN", {"SERVICE_NOT_ENABLED"}, ""},
    {"no private key", "", 50, {MAIL "|HasPrivateKey=0"}, "", "CONNECTOR_FQDN", {"NO_PRIVATE_KEY"}, ""},
    {"version 1", "", 50, {MAIL "|X509Version=1"}, "", "CONNECTOR_FQDN", {"NOT_V3"}, ""},
    {"pending request", "", 50, {MAIL "|Status=PendingRequest"}, "", "CONNECTOR_FQDN", {"PENDING_REQUEST"}, ""},
    {"revoked", "", 50, {MAIL "|Status=Revoked", MAIL}, "B", "CONNECTOR_FQDN", {"REVOKED", "CHOSEN"}, ""},
    {"revoked, says its issuer", "", 50, {MAIL "|NotBefore=1970-01-20|OcspStatus=Revoked", MAIL}, "B", "CONNECTOR_FQDN", {"REVOKED", "CHOSEN"}, ""},
    {"revoked before expired", "", 150, {MAIL "|OcspStatus=Revoked|NotAfter=1980-01-01", MAIL}, "B", "CONNECTOR_FQDN", {"REVOKED", "CHOSEN"}, "E"},
    {"revoked alone", "", 50, {MAIL "|OcspStatus=Revoked"}, "", "CONNECTOR_FQDN", {"REVOKED"}, ""},
    {"its issuer says unknown", "", 50, {MAIL "|OcspStatus=Unknown"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"untrusted is served", "", 50, {MAIL "|Status=Untrusted"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"expired beside a valid one", "", 150, {MAIL "|NotBefore=1970-03-01", MAIL "|NotAfter=1980-01-01"}, "B", "CONNECTOR_FQDN", {"EXPIRED", "CHOSEN"}, ""},
    {"expired beside a valid self-signed", "", 150, {MAIL, MAIL "|IsSelfSigned=1|NotAfter=1980-01-01"}, "B", "CONNECTOR_FQDN", {"EXPIRED", "CHOSEN"}, ""},
    {"expired alone is served and flagged", "", 150, {MAIL}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, "E"},
    {"the last millisecond", "", 100, {MAIL}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""},
    {"two expired: newest valid-from", "", 150, {MAIL, MAIL "|NotBefore=1970-01-05"}, "B", "CONNECTOR_FQDN", {"OLDER_SAME_NAME", "CHOSEN"}, "E"},
    {"not yet valid beside a valid one", "", 5, {MAIL "|NotBefore=1970-01-20", MAIL}, "B", "CONNECTOR_FQDN", {"NOT_YET_VALID", "CHOSEN"}, ""},
    {"expired before not yet valid", "", 150, {MAIL, MAIL "|NotBefore=1970-12-01|NotAfter=1980-01-01"}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NOT_YET_VALID"}, "E"},
    {"not yet valid alone", "", 5, {MAIL "|NotBefore=1970-01-20"}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, "N"},
    {"bound by name", NAMED, 50, {"CertificateDomains=a.b", MAIL "|Issuer=CN=Other"}, "A", "NAMED_CERTIFICATE", {"CHOSEN", "NAME_MISMATCH"}, ""},
    {"twins of one name", NAMED, 50, {MAIL, MAIL "|NotBefore=1970-01-20", MAIL "|NotBefore=1970-01-30|Services=None"}, "B", "NAMED_CERTIFICATE", {"OLDER_SAME_NAME", "CHOSEN", "SERVICE_NOT_ENABLED"}, ""},
    {"name of other spacing and case", "TlsCertificateName=<i>cn=AUTHORITY,c=us<s>CN=Mail.Contoso.com", 50, {"CertificateDomains=a.b"}, "A", "NAMED_CERTIFICATE", {"CHOSEN"}, ""},
    {"named and expired, others valid", NAMED, 150, {"CertificateDomains=a.b", MAIL "|Issuer=CN=Other|NotAfter=1980-01-01"}, "A", "NAMED_CERTIFICATE", {"CHOSEN", "NAME_MISMATCH"}, "E"},
    {"named is missing: fallback", NAMED, 50, {MAIL "|" OLD_AUTHORITY}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, "M"},
    {"named is missing: fallback by the server's name", NAMED "|Fqdn=$null", 50, {"CertificateDomains=mx1.contoso.com|" OLD_AUTHORITY}, "A", "SERVER_FQDN", {"CHOSEN"}, "M"},
    {"named is missing: no fallback wanted", NAMED "|TlsCertificateFallback=0", 50, {MAIL "|" OLD_AUTHORITY}, "", "NAMED_CERTIFICATE", {"NAME_MISMATCH"}, "M"},
    {"named is missing: nothing to fall back to", NAMED, 50, {"CertificateDomains=a.b|" OLD_AUTHORITY}, "", "CONNECTOR_FQDN", {"NAME_MISMATCH"}, "M"},
    {"named lacks its key: fallback, and the reason is told", NAMED, 50, {MAIL "|HasPrivateKey=0", MAIL "|" OLD_AUTHORITY}, "B", "CONNECTOR_FQDN", {"NO_PRIVATE_KEY", "CHOSEN"}, "M"},
    {"pinned", PIN_B, 50, {MAIL "|NotBefore=1970-01-20", MAIL}, "B", "PINNED_THUMBPRINT", {"THUMBPRINT_DIFFERS", "CHOSEN"}, ""},
    {"pinned beats a newer twin though its host differs", PIN_B, 50, {MAIL, "CertificateDomains=a.b"}, "B", "PINNED_THUMBPRINT", {"THUMBPRINT_DIFFERS", "CHOSEN"}, ""},
    {"pinned is missing", PIN_B, 50, {MAIL}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, "M"},
    {"pinned is missing, no fallback", PIN_B "|TlsCertificateFallback=0", 50, {MAIL}, "", "PINNED_THUMBPRINT", {"THUMBPRINT_DIFFERS"}, "M"},
    {"pinned without SMTP", PIN_B "|TlsCertificateFallback=0", 50, {MAIL, MAIL "|Services=None"}, "", "PINNED_THUMBPRINT", {"THUMBPRINT_DIFFERS", "SERVICE_NOT_ENABLED"}, "M"},
    {"no Tls", "AuthMechanism=BasicAuth", 50, {MAIL}, "", "NO_TLS", {"NOT_ASKED"}, ""},
};

#define SNI "TlsSni=1"
#define OTHER "CertificateDomains=other.contoso.com"
#define RSA_KEY "|PublicKeyType=RSA"
#define ECDSA_KEY "|PublicKeyType=ECDSA"
enum { VERIFIES_RSA = CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_RSA), VERIFIES_ECDSA = CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_ECDSA) };

/* What the client's hello adds. */
static const struct asking {
    struct scene scene;
    const char *server_name;
    uint32_t client_keys;
} askings[] = {
    {{"asked for another host", SNI, 50, {MAIL, OTHER}, "B", "SERVER_NAME", {"NAME_MISMATCH", "CHOSEN"}, ""}, "other.contoso.com", 0},
    {{"in other case, with a dot", SNI, 50, {MAIL, OTHER}, "B", "SERVER_NAME", {"NAME_MISMATCH", "CHOSEN"}, ""}, "OTHER.Contoso.com.", 0},
    {{"by a wildcard", SNI, 50, {MAIL, "CertificateDomains=*.contoso.com"}, "B", "SERVER_NAME", {"NAME_MISMATCH", "CHOSEN"}, ""}, "other.contoso.com", 0},
    {{"names are not looked at", "", 50, {MAIL, OTHER}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NAME_MISMATCH"}, ""}, "other.contoso.com", 0},
    {{"nobody bears it", SNI, 50, {MAIL, OTHER}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NAME_MISMATCH"}, ""}, "third.contoso.com", 0},
    {{"the usual one covers it", SNI, 50, {"CertificateDomains=*.contoso.com", OTHER "|NotBefore=1970-01-20"}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NAME_MISMATCH"}, ""}, "other.contoso.com", 0},
    {{"a named one that does not cover it", SNI "|" NAMED, 50, {"CertificateDomains=a.b", OTHER "|Issuer=CN=Other"}, "B", "SERVER_NAME", {"NAME_MISMATCH", "CHOSEN"}, ""}, "other.contoso.com", 0},
    {{"what is asked for has expired", SNI, 50, {MAIL, OTHER "|NotAfter=1970-01-20"}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NAME_MISMATCH"}, ""}, "other.contoso.com", 0},
    {{"what is asked for lacks SMTP", SNI, 50, {MAIL, OTHER "|Services=IIS"}, "A", "CONNECTOR_FQDN", {"CHOSEN", "NAME_MISMATCH"}, ""}, "other.contoso.com", 0},
    {{"nobody can ask where TLS is not offered", SNI, 50, {OTHER}, "", "CONNECTOR_FQDN", {"NAME_MISMATCH"}, ""}, "other.contoso.com", 0},
    {{"the usual one has expired, what is asked for has not", SNI, 150, {MAIL, OTHER "|NotAfter=1980-01-01"}, "B", "SERVER_NAME", {"NAME_MISMATCH", "CHOSEN"}, ""}, "other.contoso.com", 0},
    {{"verifies RSA alone", "", 50, {MAIL RSA_KEY, MAIL ECDSA_KEY "|NotBefore=1970-01-20"}, "A", "CONNECTOR_FQDN", {"CHOSEN", "KEY_NOT_VERIFIABLE"}, ""}, "", VERIFIES_RSA},
    {{"verifies ECDSA alone", "", 50, {MAIL RSA_KEY "|NotBefore=1970-01-20", MAIL ECDSA_KEY}, "B", "CONNECTOR_FQDN", {"KEY_NOT_VERIFIABLE", "CHOSEN"}, ""}, "", VERIFIES_ECDSA},
    {{"verifies both", "", 50, {MAIL RSA_KEY, MAIL ECDSA_KEY "|NotBefore=1970-01-20"}, "B", "CONNECTOR_FQDN", {"OLDER_SAME_NAME", "CHOSEN"}, ""}, "", VERIFIES_RSA | VERIFIES_ECDSA},
    {{"verifies none that there is", "", 50, {MAIL ECDSA_KEY}, "A", "CONNECTOR_FQDN", {"CHOSEN"}, ""}, "", VERIFIES_RSA},
    {{"a name is not left for a key", NAMED, 50, {MAIL ECDSA_KEY, MAIL RSA_KEY "|Issuer=CN=Other"}, "A", "NAMED_CERTIFICATE", {"CHOSEN", "NAME_MISMATCH"}, ""}, "", VERIFIES_RSA},
    {{"asked for, and of the right key", SNI, 50, {MAIL, OTHER ECDSA_KEY "|NotBefore=1970-01-20", OTHER RSA_KEY}, "C", "SERVER_NAME", {"NAME_MISMATCH", "KEY_NOT_VERIFIABLE", "CHOSEN"}, ""}, "other.contoso.com", VERIFIES_RSA},
};
/* clang-format on */

static struct receive_connector *build(struct model *model, const struct scene *scene)
{
    for (unsigned char i = 0; i < 4 && scene->certificates[i]; i++)
        fixture_certificate(model, (unsigned char)(10 + i), scene->certificates[i]);
    struct receive_connector *connector =
        fixture_connector(model, "Test", "Bindings=0.0.0.0:99|Fqdn=mail.contoso.com");
    fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, connector, scene->connector);
    fixture_derive(model, connector);
    return connector;
}

static struct slice letter_of(const struct certificate *certificate)
{
    static const char letters[] = "ABCD";
    return certificate ? (struct slice){letters + certificate->thumbprint.at[0] - 10, 1}
                       : SLICE("");
}

static void check_answer(const struct scene *scene, struct certificate_question question)
{
    struct certificate_choice choice, explained;
    struct certificate_candidate candidates[4];
    certificate_choose(&question, &choice);
    size_t count = certificate_explain(&question, &explained, candidates, 4);
    row_expect_slice(scene->name, letter_of(choice.certificate), slice_of(scene->chosen));
    row_expect_slice(scene->name, slice_of(certificate_rule_code(choice.rule)),
                     slice_of(scene->rule));
    assert_ptr_equal(choice.certificate, explained.certificate);
    size_t index;
    struct slice flags = slice_of(scene->flags);
    row_expect(scene->name, "named_missing", choice.named_missing, slice_find(flags, 'M', &index));
    row_expect(scene->name, "expired", choice.expired, slice_find(flags, 'E', &index));
    row_expect(scene->name, "not yet", choice.not_yet_valid, slice_find(flags, 'N', &index));
    for (size_t i = 0; i < count; i++) {
        size_t letter = (size_t)(candidates[i].certificate->thumbprint.at[0] - 10);
        char storage[512];
        struct text text = text_over(storage, sizeof storage);
        row_expect_slice(scene->name, slice_of(certificate_reason_code(candidates[i].reason)),
                         slice_of(scene->reasons[letter]));
        row_expect(scene->name, "reason in words",
                   certificate_reason_text(&question, &explained, &candidates[i], &text) &&
                       text.len > 5,
                   true);
    }
}

static void check_scene(const struct scene *scene, const struct model *model,
                        const struct receive_connector *connector)
{
    check_answer(scene, (struct certificate_question){.model = model,
                                                      .connector = connector,
                                                      .at_ms = (int64_t)scene->day * DAY});
}

static void what_the_client_says_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(askings); i++) {
        const struct scene *scene = &askings[i].scene;
        struct model *model = fixture_model();
        struct certificate_question question = {
            .model = model, .connector = build(model, scene), .at_ms = (int64_t)scene->day * DAY};
        struct certificate_choice usual, choice;
        certificate_choose(&question, &usual);
        question.server_name = slice_of(askings[i].server_name);
        question.client_keys = askings[i].client_keys;
        check_answer(scene, question);
        certificate_choose(&question, &choice);
        if (certificate_choice_holds(&question, &usual))
            assert_ptr_equal(choice.certificate, usual.certificate);
        model_free(model);
    }
}

static void each_connector_presents_the_right_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        struct model *model = fixture_model();
        check_scene(&scenes[i], model, build(model, &scenes[i]));
        model_free(model);
    }
}

static void the_order_of_the_store_does_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        struct model *model = fixture_model();
        const struct receive_connector *connector = build(model, &scenes[i]);
        struct object_list *list = &model->lists[MODEL_CERTIFICATE];
        for (size_t turn = 1; turn < list->count; turn++) {
            void *first = list->at[0];
            memmove(list->at, list->at + 1, (list->count - 1) * sizeof *list->at);
            list->at[list->count - 1] = first;
            check_scene(&scenes[i], model, connector);
        }
        model_free(model);
    }
}

static void complaints_come_with_the_command_that_mends_them(void **state)
{
    (void)state;
    static const struct {
        const char *scene, *command;
    } rows[] = {
        {"SMTP not enabled", "Enable-ExchangeCertificate -Thumbprint "
                             "0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A -Services SMTP"},
        {"name mismatch", "Set-ReceiveConnector 'MX1\\Test' -TlsCertificateName "
                          "'<I>CN=Authority, C=US<S>CN=mail.contoso.com'"},
        {"newest valid-from", "Set-ReceiveConnector 'MX1\\Test' -TlsCertificateName "
                              "0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A"},
        {"no Tls", "Set-ReceiveConnector 'MX1\\Test' -AuthMechanism @{Add='Tls'}"},
        {"no private key", "Import-ExchangeCertificate -FileData "
                           "([System.IO.File]::ReadAllBytes('certificate.pfx')) -Password "
                           "(Get-Credential).password"},
        {"version 1", ""},
        {"by fqdn", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < COUNT_OF(scenes); k++) {
            if (strcmp(rows[i].scene, scenes[k].name) != 0)
                continue;
            char storage[512];
            struct text text = text_over(storage, sizeof storage);
            struct model *model = fixture_model();
            struct certificate_question question = {
                .model = model, .connector = build(model, &scenes[k]), .at_ms = 50LL * DAY};
            struct certificate_choice choice;
            struct certificate_candidate candidates[4];
            certificate_explain(&question, &choice, candidates, 4);
            row_expect(rows[i].scene, "a command",
                       certificate_mending_command(&question, &candidates[0], &text),
                       rows[i].command[0] != 0);
            row_expect_slice(rows[i].scene, text_slice(&text), slice_of(rows[i].command));
            text_clear(&text);
            assert_true(certificate_rule_text(&choice, &text) && text.len);
            model_free(model);
        }
}

static void a_quote_in_a_name_cannot_end_the_command(void **state)
{
    (void)state;
    char storage[512];
    struct text text = text_over(storage, sizeof storage);
    struct model *model = fixture_model();
    struct certificate *certificate = fixture_certificate(model, 10, "Subject=CN=x';Remove-Item '");
    struct certificate_question question = {.model = model,
                                            .connector = model_receive_connector(model, 0)};
    struct certificate_candidate candidate = {certificate, CERTIFICATE_NAME_MISMATCH};
    assert_true(certificate_mending_command(&question, &candidate, &text));
    assert_true(slice_contains(text_slice(&text), SLICE("CN=x'';Remove-Item '''")));
    model_free(model);
}

static void the_next_change_is_foretold(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *certificates[4];
        int day, change_day; /* -1: never */
        const char *then;
    } rows[] = {
        {"expires, alone", {MAIL}, 50, 100, "A"},
        {"expired for good", {MAIL}, 150, -1, ""},
        {"the older one takes over",
         {MAIL "|NotAfter=1980-01-01", MAIL "|NotBefore=1970-01-05"},
         50,
         100,
         "A"},
        {"a newer one begins", {MAIL, MAIL "|NotBefore=1970-03-02"}, 50, 60, "B"},
        {"strangers do not matter",
         {MAIL, "CertificateDomains=x.y|NotAfter=1970-02-25"},
         50,
         100,
         "A"},
        {"nothing", {NULL}, 50, -1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct scene scene = {.connector = ""};
        memcpy(scene.certificates, rows[i].certificates, sizeof scene.certificates);
        struct model *model = fixture_model();
        struct certificate_question question = {
            .model = model, .connector = build(model, &scene), .at_ms = (int64_t)rows[i].day * DAY};
        struct certificate_choice then = {0};
        int64_t at_ms = 0;
        bool changes = certificate_next_change(&question, &at_ms, &then);
        row_expect(rows[i].name, "changes", changes, rows[i].change_day >= 0);
        if (changes) {
            row_expect(rows[i].name, "day", at_ms / DAY, rows[i].change_day);
            row_expect_slice(rows[i].name, letter_of(then.certificate), slice_of(rows[i].then));
        }
        model_free(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_connector_presents_the_right_certificate),
        cmocka_unit_test(what_the_client_says_counts),
        cmocka_unit_test(the_order_of_the_store_does_not_matter),
        cmocka_unit_test(complaints_come_with_the_command_that_mends_them),
        cmocka_unit_test(a_quote_in_a_name_cannot_end_the_command),
        cmocka_unit_test(the_next_change_is_foretold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
