/* SPDX-License-Identifier: Apache-2.0 */
/* hub/certificates/comparison: who is asked again after a change, and what was presented before it.
 */
#include "hub/certificates/comparison.h"

#include "unit/model/fixture.h"

#define MAIL "AuthMechanism=Tls|Fqdn=mail.contoso.com|Bindings=0.0.0.0:2600"
#define WEB "AuthMechanism=Tls|Fqdn=www.contoso.com|Bindings=0.0.0.0:2601"

/* Three connectors (None has no TLS), and a certificate for mail.contoso.com. */
static struct model *stage_model(void)
{
    struct model *model = fixture_model();
    while (model_count(model, MODEL_RECEIVE_CONNECTOR))
        model_remove(model, MODEL_RECEIVE_CONNECTOR, model_receive_connector(model, 0));
    fixture_connector(model, "Mail", MAIL);
    fixture_connector(model, "Web", WEB);
    fixture_connector(model, "None", "AuthMechanism=None|Bindings=0.0.0.0:2602");
    struct certificate *certificate =
        fixture_certificate(model, 0xaa, "CertificateDomains=mail.contoso.com");
    certificate->not_after_ms = INT64_C(90000000000000); /* now is the wall clock */
    certificate->id.bytes[0] = 0xaa;
    return model;
}

static void append_choice(struct text *text, const struct certificate_choice *choice)
{
    const struct certificate *shown = choice->certificate;
    text_append_format(text, "%02x", shown ? (unsigned char)shown->thumbprint.at[0] : 0);
}

/* "Mail aa>bb Web new>00": each that is asked, what it presented and what it presents. */
static void expect_rows(const char *row, const struct model *before, const struct model *after,
                        const char *expected)
{
    char storage[512];
    struct text text = text_over(storage, sizeof storage);
    struct comparison comparison;
    struct compared one;
    comparison_begin(&comparison, before, after);
    while (comparison_next(&comparison, &one)) {
        text_append_format(&text, "%s%.*s ", text.len ? " " : "", SLICE_ARG(one.connector->name));
        if (one.earlier)
            append_choice(&text, &one.earlier_choice);
        else
            text_append_c(&text, "new");
        text_append_byte(&text, '>');
        append_choice(&text, &one.choice);
    }
    comparison_end(&comparison);
    row_expect_slice(row, text_slice(&text), slice_of(expected));
}

static void without_an_earlier_model_all_are_new(void **state)
{
    (void)state;
    struct model *model = stage_model();
    expect_rows("start", NULL, model, "Mail new>aa Web new>00 None new>00");
    model_free(model);
}

static void only_connectors_that_changed_are_asked(void **state)
{
    (void)state;
    struct model *old = stage_model(), *new = model_copy(old);
    expect_rows("nothing changed", old, new, "");
    fixture_set(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, 1), "Fqdn",
                "mail.contoso.com");
    expect_rows("another Fqdn", old, new, "Web 00>aa");
    model_remove(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, 0));
    expect_rows("the one before it is gone", old, new, "Web 00>aa");
    fixture_connector(new, "Late", MAIL);
    expect_rows("one is new", old, new, "Web 00>aa Late new>aa");
    expect_rows("the other way round", new, old, "Mail new>aa Web aa>00");
    model_free(new);
    model_free(old);
}

static void certificates_and_the_server_concern_all(void **state)
{
    (void)state;
    struct model *old = stage_model(), *new = model_copy(old);
    struct certificate *wild = fixture_certificate(new, 0xbb, "CertificateDomains=*.contoso.com");
    wild->not_after_ms = INT64_C(90000000000000);
    wild->id.bytes[0] = 0xbb;
    expect_rows("one more certificate", old, new, "Mail aa>aa Web 00>bb None 00>00");
    model_remove(new, MODEL_CERTIFICATE, model_certificate(new, 0));
    expect_rows("the exact one is gone", old, new, "Mail aa>bb Web 00>bb None 00>00");
    model_free(new);
    new = model_copy(old);
    model_certificate(new, 0)->services = 0;
    expect_rows("a certificate without the service", old, new, "Mail aa>00 Web 00>00 None 00>00");
    model_free(new);
    new = model_copy(old);
    fixture_set(new, MODEL_SERVER, model_server(new), "Fqdn", "mail.contoso.com");
    fixture_set(new, MODEL_RECEIVE_CONNECTOR, model_receive_connector(new, 1), "Fqdn", "");
    expect_rows("the name of the server", old, new, "Mail aa>aa Web 00>aa None 00>00");
    model_free(new);
    model_free(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_earlier_model_all_are_new),
        cmocka_unit_test(only_connectors_that_changed_are_asked),
        cmocka_unit_test(certificates_and_the_server_concern_all),
    };
    return cmocka_run_group_tests_name("hub/certificates/comparison", tests, NULL, NULL);
}
