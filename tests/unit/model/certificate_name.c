/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_name: the forms of TlsCertificateName, right and wrong. */
#include "model/certificate_name.h"
#include "fixture.h"

/* clang-format off */
static const struct {
    const char *written;
    enum certificate_name_outcome outcome;
    const char *issuer_der, *subject_der; /* or what the error says */
} rows[] = {
    {"<I>CN=Authority, C=US<S>CN=mail.contoso.com", CERTIFICATE_NAME_OK, "cn=authority,c=us", "cn=mail.contoso.com"},
    {"<i>CN=Authority,C=US<s>cn=MAIL.contoso.com", CERTIFICATE_NAME_OK, "cn=authority,c=us", "cn=mail.contoso.com"},
    {"  <I> CN=a <S> CN=b ", CERTIFICATE_NAME_OK, "cn=a", "cn=b"},
    {"<I>CN=a[I]<S>CN=b[S]", CERTIFICATE_NAME_OK, "cn=a[i]", "cn=b[s]"},
    {"", CERTIFICATE_NAME_EMPTY, NULL, "$null clears it"},
    {"   ", CERTIFICATE_NAME_EMPTY, NULL, "$null clears it"},
    {"[I]CN=Authority, C=US[S]CN=mail.contoso.com", CERTIFICATE_NAME_SQUARE_TAGS, NULL, "Write '<I>CN=Authority, C=US<S>CN=mail.contoso.com'."},
    {"[i]CN=x[s]CN=y", CERTIFICATE_NAME_SQUARE_TAGS, NULL, "Write '<I>CN=x<S>CN=y'."},
    {"[I][S]", CERTIFICATE_NAME_SQUARE_TAGS, NULL, "angle brackets"},
    {"CN=Authority, C=USCN=mail.contoso.com", CERTIFICATE_NAME_NO_TAGS, NULL, "It must mean '<I>CN=Authority, C=US<S>CN=mail.contoso.com'."},
    {"cn=authority,c=uscn=mail.contoso.com", CERTIFICATE_NAME_NO_TAGS, NULL, "It must mean '<I>CN=Authority, C=US<S>CN=mail.contoso.com'."},
    {"CN=mail.contoso.com", CERTIFICATE_NAME_NO_TAGS, NULL, "It must mean '<I>CN=Authority, C=US<S>CN=mail.contoso.com'."},
    {"CN=unknown", CERTIFICATE_NAME_NO_TAGS, NULL, "Among the certificates of this server: '<I>CN=Authority, C=US<S>CN=mail.contoso.com'."},
    {"<I><S>", CERTIFICATE_NAME_EMPTY_PARTS, NULL, "variable"},
    {"<I> <S>CN=b", CERTIFICATE_NAME_EMPTY_PARTS, NULL, "variable"},
    {"<I>CN=a", CERTIFICATE_NAME_ONE_TAG, NULL, "both tags"},
    {"<S>CN=a", CERTIFICATE_NAME_ONE_TAG, NULL, "both tags"},
    {"<S>CN=a<I>CN=b", CERTIFICATE_NAME_ONE_TAG, NULL, "both tags"},
    {"<I>nonsense<S>CN=b", CERTIFICATE_NAME_BAD_ISSUER, NULL, "behind <I>"},
    {"<I>CN=a<S>nonsense", CERTIFICATE_NAME_BAD_SUBJECT, NULL, "behind <S>"},
    {"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", CERTIFICATE_NAME_BAD_THUMBPRINT, NULL, "40 hexadecimal digits"},
    {"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", CERTIFICATE_NAME_BAD_THUMBPRINT, NULL, "40 hexadecimal digits"},
    {"mail.contoso.com", CERTIFICATE_NAME_NONSENSE, NULL, "<I>issuer<S>subject"},
};

static const struct {
    const char *written;
    bool good;
} thumbprints[] = {
    {"0A0B0C0D0E0F101112131415161718191A1B1C1D", true},
    {"0a0b0c0d0e0f101112131415161718191a1b1c1d", true},
    {"0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d", true},
    {"0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D", true},
    {"\xe2\x80\x8e" "0A0B0C0D0E0F101112131415161718191A1B1C1D", true},
    {"\xef\xbb\xbf" "0A0B0C0D0E0F101112131415161718191A1B1C1D\xe2\x80\x8b", true},
    {" 0A0B0C0D0E0F101112131415161718191A1B1C1D ", true},
    {"0A0B0C0D0E0F101112131415161718191A1B1C1", false},
    {"0A0B0C0D0E0F101112131415161718191A1B1C1DE", false},
    {"0A0B0C0D0E0F101112131415161718191A1B1C1G", false},
    {"\xe2\x80", false},
    {"", false},
};
/* clang-format on */

static void names_are_read_or_explained(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    fixture_certificate(model, 10, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[2048];
        struct text error = text_over(storage, sizeof storage);
        struct certificate_name name;
        row_expect(rows[i].written, "outcome",
                   certificate_name_parse(slice_of(rows[i].written), fixture_parse_name, model,
                                          model->arena, &name, &error),
                   rows[i].outcome);
        row_expect(rows[i].written, "error given", error.len != 0,
                   rows[i].outcome != CERTIFICATE_NAME_OK);
        if (rows[i].outcome == CERTIFICATE_NAME_OK) {
            row_expect_slice(rows[i].written, name.issuer_der, slice_of(rows[i].issuer_der));
            row_expect_slice(rows[i].written, name.subject_der, slice_of(rows[i].subject_der));
        } else if (!slice_contains(text_slice(&error), slice_of(rows[i].subject_der))) {
            fail_msg("%s: \"%.*s\"", rows[i].written, SLICE_ARG(text_slice(&error)));
        }
        row_expect(rows[i].written, "outcome without model and error",
                   certificate_name_parse(slice_of(rows[i].written), fixture_parse_name, NULL,
                                          model->arena, &name, NULL),
                   rows[i].outcome);
    }
    model_free(model);
}

static void thumbprints_are_read_through_what_copying_adds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(thumbprints); i++) {
        uint8_t bytes[20] = {0};
        row_expect(thumbprints[i].written, "read",
                   certificate_thumbprint_parse(slice_of(thumbprints[i].written), bytes),
                   thumbprints[i].good);
        if (thumbprints[i].good)
            for (size_t k = 0; k < 20; k++)
                row_expect(thumbprints[i].written, "byte", bytes[k], (long long)(10 + k));
    }
}

static void a_connector_keeps_what_the_name_means(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct receive_connector *connector = model_receive_connector(model, 0);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName", "<I>CN=a<S>CN=b");
    fixture_derive(model, connector);
    row_expect_slice("issuer", connector->tls_issuer_der, SLICE("cn=a"));
    row_expect_slice("subject", connector->tls_subject_der, SLICE("cn=b"));
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName", "<I>CN=a<S>");
    fixture_derive(model, connector);
    row_expect_slice("no subject", connector->tls_subject_der, SLICE("\x30\x00"));
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName",
                "0A0B0C0D0E0F101112131415161718191A1B1C1D");
    fixture_derive(model, connector);
    assert_int_equal(connector->tls_thumbprint.len, 20);
    assert_int_equal(connector->tls_issuer_der.len, 0);
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName", "$null");
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "Name", "New Name");
    fixture_derive(model, connector);
    assert_int_equal(connector->tls_thumbprint.len, 0);
    row_expect_slice("identity", connector->identity, SLICE("MX1\\New Name"));
    fixture_set(model, MODEL_RECEIVE_CONNECTOR, connector, "TlsCertificateName", "CN=a");
    assert_false(
        receive_connector_derive(connector, model, fixture_parse_name, model->arena, NULL));
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_or_explained),
        cmocka_unit_test(thumbprints_are_read_through_what_copying_adds),
        cmocka_unit_test(a_connector_keeps_what_the_name_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
