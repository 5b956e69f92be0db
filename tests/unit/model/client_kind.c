/* SPDX-License-Identifier: Apache-2.0 */
/* client_kind: what each client would say of what a connector presents. */
#include "model/client_kind.h"
#include "fixture.h"

static struct model *with_connector(const char *settings, struct receive_connector **out_connector)
{
    struct model *model = fixture_model();
    *out_connector = fixture_connector(
        model, "Mail", "Fqdn=mail.contoso.com|Bindings=0.0.0.0:25|AuthMechanism=Tls");
    fixture_set_all(model, MODEL_RECEIVE_CONNECTOR, *out_connector, settings);
    return model;
}

/* "thunderbird=OK printer=PROTOCOL_TOO_OLD ..." without those that are content. */
static void append_verdicts(struct text *text, const struct certificate_question *question)
{
    for (size_t i = 0; i < CLIENT_KINDS; i++) {
        struct client_verdict verdict = client_kind_judge(&client_kinds[i], question);
        if (verdict.finding != CLIENT_CONTENT)
            text_append_format(text, "%s%s=%s", text->len ? " " : "", client_kinds[i].name,
                               client_finding_code(verdict.finding));
    }
}

#define ALL(code)                                                                                  \
    "thunderbird=" code " outlook=" code " ios=" code " printer=PROTOCOL_TOO_OLD exchange-hybrid=" \
    "" code

static void each_fault_is_minded_by_those_who_verify(void **state)
{
    (void)state;
    static const struct {
        const char *name, *connector, *certificate, *host;
        int64_t at_days;
        const char *verdicts;
    } rows[] = {
        {"all is well", "TlsMinimumVersion=Tls10", "", "", 50, ""},
        {"the usual minimum", "", "", "", 50, "printer=PROTOCOL_TOO_OLD"},
        {"TLS 1.3 alone", "TlsMinimumVersion=Tls13", "", "", 50, "printer=PROTOCOL_TOO_OLD"},
        {"no TLS", "AuthMechanism=None", "", "", 50,
         "thunderbird=NO_TLS outlook=NO_TLS ios=NO_TLS printer=NO_TLS "
         "exchange-online=SENDS_IN_CLEAR exchange-hybrid=NO_TLS swaks=NO_TLS"},
        {"expired", "", "", "", 101, ALL("EXPIRED")},
        {"an issuer expired", "", "ChainNotAfter=1970-02-01T00:00:00Z", "", 50, ALL("EXPIRED")},
        {"not yet valid", "", "", "", -1, ALL("NOT_YET_VALID")},
        {"self-signed", "", "IsSelfSigned=$true|Findings=UntrustedRoot", "", 50,
         ALL("SELF_SIGNED")},
        {"a stranger's root", "", "Findings=UntrustedRoot", "", 50, ALL("UNTRUSTED")},
        {"a root of the house", "", "RootCAType=Enterprise", "", 50, ALL("PRIVATE_ROOT")},
        {"a root of the house, another name", "", "RootCAType=Enterprise", "smtp.contoso.com", 50,
         ALL("NAME_MISMATCH")},
        {"a root of the house, a short key", "", "RootCAType=Enterprise|Findings=ShortKey", "", 50,
         ALL("WEAK_KEY")},
        {"issuer missing", "", "Findings=IssuerMissing", "", 50, ALL("CHAIN_INCOMPLETE")},
        {"bad chain", "", "Findings=BadChain, IssuerMissing", "", 50, ALL("BAD_CHAIN")},
        {"for clients", "", "Findings=NotForServers", "", 50, ALL("WRONG_PURPOSE")},
        {"short key", "", "Findings=ShortKey", "", 50, ALL("WEAK_KEY")},
        {"SHA-1", "", "Findings=WeakSignature", "", 50, ALL("WEAK_SIGNATURE")},
        {"another name", "", "", "smtp.contoso.com", 50, ALL("NAME_MISMATCH")},
        {"an address it holds", "", "IPAddresses=192.0.2.1", "192.0.2.1", 50,
         "printer=PROTOCOL_TOO_OLD"},
        {"the worst first", "", "Findings=ShortKey", "smtp.contoso.com", 101, ALL("EXPIRED")},
        {"825 days", "", "NotAfter=1972-04-05T00:00:00Z", "", 50, "printer=PROTOCOL_TOO_OLD"},
        {"a day more", "", "NotAfter=1972-04-06T00:00:00Z", "", 50,
         "ios=VALID_TOO_LONG printer=PROTOCOL_TOO_OLD"},
        {"ECDSA", "TlsMinimumVersion=Tls10", "PublicKeyType=ECDSA", "", 50,
         "printer=KEY_NOT_UNDERSTOOD"},
        {"RSA-PSS", "TlsMinimumVersion=Tls10", "PublicKeyType=RSA-PSS", "", 50,
         "outlook=KEY_NOT_UNDERSTOOD ios=KEY_NOT_UNDERSTOOD printer=KEY_NOT_UNDERSTOOD "
         "exchange-online=SENDS_IN_CLEAR exchange-hybrid=KEY_NOT_UNDERSTOOD"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct receive_connector *connector;
        struct model *model = with_connector(rows[i].connector, &connector);
        struct certificate *certificate =
            fixture_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
        char storage[512];
        struct text seen = text_over(storage, sizeof storage);
        certificate->key_kind = CERTIFICATE_KEY_RSA;
        fixture_set_all(model, MODEL_CERTIFICATE, certificate, rows[i].certificate);
        struct certificate_question question = {.model = model,
                                                .connector = connector,
                                                .at_ms = rows[i].at_days * DAY,
                                                .server_name = slice_of(rows[i].host)};
        append_verdicts(&seen, &question);
        row_expect_slice(rows[i].name, text_slice(&seen), slice_of(rows[i].verdicts));
        model_free(model);
    }
}

static unsigned char mark_for(const char *kind, const struct certificate_question *question)
{
    struct client_verdict verdict = client_kind_judge(client_kind_find(slice_of(kind)), question);
    return verdict.choice.certificate ? (unsigned char)verdict.choice.certificate->thumbprint.at[0]
                                      : 0;
}

/* The printer is shown the RSA twin; who sends a name is shown what holds it. */
static void each_kind_is_shown_its_own(void **state)
{
    (void)state;
    struct receive_connector *connector;
    struct model *model = with_connector("TlsMinimumVersion=Tls10|TlsSni=$true", &connector);
    struct certificate *rsa =
        fixture_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
    struct certificate *ecdsa =
        fixture_certificate(model, 0xbb, "CertificateDomains=mail.contoso.com");
    struct certificate *other =
        fixture_certificate(model, 0xcc, "CertificateDomains=smtp.contoso.com");
    rsa->key_kind = other->key_kind = CERTIFICATE_KEY_RSA;
    ecdsa->key_kind = CERTIFICATE_KEY_ECDSA;
    ecdsa->not_before_ms = DAY;
    struct certificate_question question = {
        .model = model, .connector = connector, .at_ms = 50LL * DAY};
    assert_int_equal(mark_for("printer", &question), 0xaa);
    assert_int_equal(mark_for("thunderbird", &question), 0xbb);
    question.server_name = SLICE("smtp.contoso.com");
    assert_int_equal(mark_for("Thunderbird", &question), 0xcc);
    assert_int_equal(mark_for("swaks", &question), 0xbb);
    model_free(model);
}

static void the_table_is_whole(void **state)
{
    (void)state;
    char storage[256];
    struct text names = text_over(storage, sizeof storage);
    assert_true(client_kinds_append_names(&names));
    for (size_t i = 0; i < CLIENT_KINDS; i++) {
        const struct client_kind *kind = &client_kinds[i];
        assert_ptr_equal(client_kind_find(slice_of(kind->name)), kind);
        assert_true(slice_contains(text_slice(&names), slice_of(kind->name)));
        assert_true(kind->title && kind->when_not_content && kind->keys);
        assert_true(kind->oldest && kind->oldest <= kind->newest);
    }
    for (int i = 0; i < CLIENT_FINDINGS; i++)
        assert_true(client_finding_code((enum client_finding)i) &&
                    client_finding_text((enum client_finding)i));
    assert_null(client_kind_find(SLICE("pine")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_minded_by_those_who_verify),
        cmocka_unit_test(each_kind_is_shown_its_own),
        cmocka_unit_test(the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
