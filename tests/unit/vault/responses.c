/* SPDX-License-Identifier: Apache-2.0 */
/* What the limited child makes of files that hold an OCSP response. */
#include "base/pem.h"
#include "model/model.h"
#include "tls/import.h"
#include "tls/library.h"
#include "unit/tls/answer.h"
#include "vault/import_result.h"

enum who { ROOT, LEAF, STRANGE_ROOT, OF_STRANGE, WHO_COUNT };
static struct forged cast[WHO_COUNT];
static struct arena arena;
static struct trust_store trust; /* of the house: ROOT */
static struct slice good, revoked, strange, past;

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(8 << 20);
    assert_int_equal(tls_library_start(), 0);
    cast[ROOT] = forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    cast[STRANGE_ROOT] =
        forge(&arena, (struct forge){.common_name = "Strange", .extensions = FORGE_CA});
    cast[LEAF] = forge(&arena, (struct forge){.common_name = "leaf", .issuer = &cast[ROOT]});
    cast[OF_STRANGE] =
        forge(&arena, (struct forge){.common_name = "leaf", .issuer = &cast[STRANGE_ROOT]});
    struct answer plan = {.certificate = &cast[LEAF], .issuer = &cast[ROOT]};
    good = answer(&arena, plan);
    plan.from_s = -7200, plan.to_s = -3600;
    past = answer(&arena, plan);
    plan = (struct answer){.certificate = &cast[LEAF],
                           .issuer = &cast[ROOT],
                           .status = V_OCSP_CERTSTATUS_REVOKED,
                           .reason = 1,
                           .revoked_hours = -5};
    revoked = answer(&arena, plan);
    strange = answer(
        &arena, (struct answer){.certificate = &cast[OF_STRANGE], .issuer = &cast[STRANGE_ROOT]});
    trust =
        (struct trust_store){.system = tls_trust_new(), .house = tls_trust_new(), .house_count = 1};
    assert_true(tls_trust_add(trust.house, cast[ROOT].der));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
    trust_store_close(&trust);
    import_stop();
    arena_deinit(&arena);
    return 0;
}

/* PEM of the certificates (WHO_COUNT: the end) and the response. */
static struct slice file_of(const enum who *certificates, struct slice response)
{
    struct slice out;
    struct text pem = text_with_ceiling(1 << 16);
    for (; *certificates != WHO_COUNT; certificates++)
        assert_true(pem_append(&pem, "CERTIFICATE", cast[*certificates].der));
    assert_true(pem_append(&pem, "OCSP RESPONSE", response) &&
                arena_copy(&arena, text_slice(&pem), &out));
    text_deinit(&pem);
    return out;
}

/* The result's slices live in the arena. */
static struct import_result result_of(struct slice file, struct slice known)
{
    struct import_result result;
    struct slice kept;
    struct text bytes = text_with_ceiling(IMPORT_RESULT_MAX);
    const struct import_request request = {.file = file, .known = known};
    assert_true(import_result_of_file(&request, &trust, forge_now_ms, &bytes));
    assert_true(arena_copy(&arena, text_slice(&bytes), &kept));
    assert_true(import_result_take(kept, &result));
    text_deinit(&bytes);
    return result;
}

static const struct certificate *record_of(struct model *model, const struct import_result *result)
{
    if (result->outcome != IMPORT_OK)
        fail_msg("%.*s", SLICE_ARG(result->error));
    const struct certificate *record =
        model_object_decode(model, MODEL_CERTIFICATE, result->record);
    assert_non_null(record);
    return record;
}

static void beside_its_certificate_it_is_part_of_the_record(void **state)
{
    (void)state;
    const struct {
        const char *name;
        enum who certificates[3];
        struct slice response;
        uint32_t status;
    } rows[] = {
        {"issuer in the file", {LEAF, ROOT, WHO_COUNT}, good, RESPONSE_GOOD},
        {"issuer among the roots", {LEAF, WHO_COUNT}, good, RESPONSE_GOOD},
        {"revoked", {LEAF, WHO_COUNT}, revoked, RESPONSE_REVOKED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = model_new();
        struct import_result result =
            result_of(file_of(rows[i].certificates, rows[i].response), SLICE(""));
        const struct certificate *record = record_of(model, &result);
        row_expect(rows[i].name, "status", record->ocsp_status, rows[i].status);
        row_expect_slice(rows[i].name, record->ocsp_response, rows[i].response);
        row_expect(rows[i].name, "from", record->ocsp_this_update_ms, forge_now_ms - 3600000LL);
        row_expect(rows[i].name, "until", record->ocsp_next_update_ms,
                   forge_now_ms + 7 * 86400000LL);
        row_expect(rows[i].name, "revoked", record->revoked_ms,
                   rows[i].status == RESPONSE_REVOKED ? forge_now_ms - 5 * 3600000LL : 0);
        row_expect_slice(rows[i].name, record->revocation_reason,
                         slice_of(rows[i].status == RESPONSE_REVOKED ? "keyCompromise" : ""));
        model_free(model);
    }
}

static void what_cannot_be_believed_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *name;
        enum who certificates[3];
        struct slice response;
        const char *why;
    } rows[] = {
        {"of another", {LEAF, WHO_COUNT}, strange, "another certificate"},
        {"over", {LEAF, WHO_COUNT}, past, "its time is over"},
        {"no issuer", {OF_STRANGE, WHO_COUNT}, strange, "issuer is not here"},
        {"nonsense", {LEAF, WHO_COUNT}, SLICE("nonsense"), "cannot be read"},
        {"nonsense alone", {WHO_COUNT}, SLICE("nonsense"), "cannot be read"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct import_result result =
            result_of(file_of(rows[i].certificates, rows[i].response), SLICE(""));
        row_expect(rows[i].name, "outcome", result.outcome, IMPORT_OCSP_REFUSED);
        if (!slice_contains(result.error, slice_of(rows[i].why)))
            fail_msg("%s: %.*s", rows[i].name, SLICE_ARG(result.error));
    }
}

static void alone_it_says_of_whom_it_speaks(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct import_result result = result_of(strange, SLICE(""));
    const struct certificate *record = record_of(model, &result);
    assert_int_equal(record->der.len, 0);
    assert_int_equal(record->ocsp_status, RESPONSE_NONE);
    row_expect_slice("response", record->ocsp_response, strange);
    assert_true(slice_starts(record->issuer, SLICE("an issuer with the key hash ")));
    struct slice number = {
        (const char *)ASN1_STRING_get0_data(X509_get0_serialNumber(cast[OF_STRANGE].x509)), 2};
    row_expect_slice("serial number", record->serial_number, number);
    result = result_of(strange, cast[STRANGE_ROOT].der);
    record = record_of(model, &result);
    row_expect_slice("issuer", record->issuer, SLICE("CN=Strange"));
    assert_true(record->issuer_der.len > 0);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beside_its_certificate_it_is_part_of_the_record),
        cmocka_unit_test(what_cannot_be_believed_is_refused),
        cmocka_unit_test(alone_it_says_of_whom_it_speaks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
