/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_status: what is said of a certificate at a moment. */
#include "fixture.h"
#include "model/certificate.h"

static void dates_are_judged_when_asked(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t recorded;
        int64_t chain_days, at_days;
        const char *status;
    } rows[] = {
        {"valid", STATUS_VALID, 0, 50, "Valid"},
        {"first day", STATUS_VALID, 0, 0, "Valid"},
        {"last day", STATUS_VALID, 0, 100, "Valid"},
        {"before", STATUS_VALID, 0, -1, "DateInvalid"},
        {"behind", STATUS_VALID, 0, 101, "DateInvalid"},
        {"an issuer ends first", STATUS_VALID, 60, 61, "DateInvalid"},
        {"an issuer ends later", STATUS_VALID, 60, 59, "Valid"},
        {"untrusted", STATUS_UNTRUSTED, 0, 50, "Untrusted"},
        {"untrusted and over", STATUS_UNTRUSTED, 0, 101, "DateInvalid"},
        {"unknown", STATUS_UNKNOWN, 0, 50, "Unknown"},
        {"invalid stays so", STATUS_INVALID, 0, 101, "Invalid"},
        {"a request has no dates", STATUS_PENDING_REQUEST, 0, 101, "PendingRequest"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct certificate certificate = {.status = rows[i].recorded,
                                          .not_before_ms = 0,
                                          .not_after_ms = 100LL * DAY,
                                          .chain_not_after_ms = rows[i].chain_days * DAY};
        uint32_t status = certificate_status_at(&certificate, rows[i].at_days * DAY);
        row_expect_slice(rows[i].name, slice_of(certificate_status_word(status)),
                         slice_of(rows[i].status));
    }
}

static void the_issuer_has_the_last_word(void **state)
{
    (void)state;
    static const struct {
        uint32_t recorded, said;
        const char *status;
    } rows[] = {
        {STATUS_VALID, RESPONSE_GOOD, "Valid"},
        {STATUS_VALID, RESPONSE_UNKNOWN, "Valid"},
        {STATUS_VALID, RESPONSE_REVOKED, "Revoked"},
        {STATUS_INVALID, RESPONSE_REVOKED, "Revoked"},
        {STATUS_UNTRUSTED, RESPONSE_GOOD, "Untrusted"},
        {STATUS_REVOKED, RESPONSE_NONE, "Revoked"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct certificate certificate = {
            .status = rows[i].recorded, .ocsp_status = rows[i].said, .not_after_ms = 100LL * DAY};
        row_expect_slice(rows[i].status,
                         slice_of(certificate_status_word(
                             certificate_status_at(&certificate, 200LL * DAY * (i == 2)))),
                         slice_of(rows[i].status));
    }
}

static void every_finding_has_its_sentence(void **state)
{
    (void)state;
    struct certificate certificate = {.missing_issuer = SLICE("CN=R3, C=US")};
    for (size_t i = 0; i < CERTIFICATE_FINDINGS; i++) {
        struct text text = text_with_ceiling(1000);
        certificate.findings = 0;
        assert_false(certificate_finding_text(&certificate, i, &text));
        assert_int_equal(text.len, 0);
        certificate.findings = UINT32_MAX;
        assert_true(certificate_finding_text(&certificate, i, &text));
        assert_true(text.len > 20);
        text_deinit(&text);
    }
    struct text text = text_with_ceiling(1000);
    certificate.findings = FINDING_ISSUER_MISSING;
    assert_true(certificate_finding_text(&certificate, 0, &text));
    assert_true(slice_contains(text_slice(&text), SLICE("\"CN=R3, C=US\" is missing")));
    assert_false(certificate_finding_text(&certificate, CERTIFICATE_FINDINGS, &text));
    text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_judged_when_asked),
        cmocka_unit_test(the_issuer_has_the_last_word),
        cmocka_unit_test(every_finding_has_its_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
