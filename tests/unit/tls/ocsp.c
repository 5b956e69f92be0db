/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP responses: which are believed, and what each refusal is called. */
#include "tls/ocsp.h"

#include "tls/certificate_fields.h"
#include "tls/library.h"
#include "unit/tls/answer.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

enum who {
    ROOT, /* issues all but the last two */
    LEAF,
    OTHER,        /* another leaf of the same issuer */
    RESPONDER,    /* may answer */
    NO_USE,       /* has no extended key usage */
    ANY_USE,      /* may do "anything", which is not enough */
    PAST,         /* was a responder */
    STRANGE_ROOT, /* of the same name as the first */
    STRANGER,     /* a responder of the strange one */
    WHO_COUNT,
};
static struct forged cast[WHO_COUNT];
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(4 * 1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    const struct forge root = {.common_name = "Root", .extensions = FORGE_CA};
    cast[ROOT] = forge(&arena, root);
    cast[STRANGE_ROOT] = forge(&arena, root);
    const struct forge plans[WHO_COUNT] = {
        [LEAF] = {.common_name = "leaf"},
        [OTHER] = {.common_name = "other"},
        [RESPONDER] = {.common_name = "responder", .extensions = ANSWER_RESPONDER},
        [NO_USE] = {.common_name = "no use"},
        [ANY_USE] = {.common_name = "any use",
                     .extensions = {{NID_ext_key_usage, "anyExtendedKeyUsage"}}},
        [PAST] = {.common_name = "past",
                  .extensions = ANSWER_RESPONDER,
                  .days_from = -60,
                  .days_to = -30},
        [STRANGER] = {.common_name = "responder", .extensions = ANSWER_RESPONDER},
    };
    for (size_t i = LEAF; i < WHO_COUNT; i++) {
        struct forge plan = plans[i];
        plan.issuer = &cast[i == STRANGER ? STRANGE_ROOT : ROOT];
        if (plan.common_name)
            cast[i] = forge(&arena, plan);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
    arena_deinit(&arena);
    return 0;
}

static const struct row {
    const char *name;
    struct answer plan; /* of LEAF by ROOT where nothing is said */
    enum who of, by;    /* 0: the usual */
    enum ocsp_outcome outcome;
    enum ocsp_status status;
} rows[] = {
    {.name = "good"},
    {.name = "good, hashed with SHA-256", .plan = {.sha256_id = true}},
    {.name = "good, the responder named by its key", .plan = {.by_key = true}},
    {.name = "revoked", .plan = {.status = V_OCSP_CERTSTATUS_REVOKED}, .status = OCSP_REVOKED},
    {.name = "unknown", .plan = {.status = V_OCSP_CERTSTATUS_UNKNOWN}, .status = OCSP_UNKNOWN},
    {.name = "a delegated responder", .by = RESPONDER},
    {.name = "delegated without the right", .by = NO_USE, .outcome = OCSP_NOT_A_RESPONDER},
    {.name = "delegated for anything", .by = ANY_USE, .outcome = OCSP_NOT_A_RESPONDER},
    {.name = "a responder that is over", .by = PAST, .outcome = OCSP_NOT_A_RESPONDER},
    {.name = "another one's responder", .by = STRANGER, .outcome = OCSP_NOT_A_RESPONDER},
    {.name = "an issuer of the same name", .by = STRANGE_ROOT, .outcome = OCSP_BAD_SIGNATURE},
    {.name = "an unknown key",
     .by = STRANGE_ROOT,
     .plan = {.by_key = true},
     .outcome = OCSP_NOT_A_RESPONDER},
    {.name = "signed with SHA-1", .plan = {.digest = "SHA1"}, .outcome = OCSP_BAD_SIGNATURE},
    {.name = "another certificate", .of = OTHER, .outcome = OCSP_OTHER_CERTIFICATE},
    {.name = "over", .plan = {.from_s = -2 * DAY, .to_s = -DAY}, .outcome = OCSP_TOO_OLD},
    {.name = "just over: clocks differ", .plan = {.from_s = -2 * DAY, .to_s = -299}},
    {.name = "over by more", .plan = {.from_s = -DAY, .to_s = -301}, .outcome = OCSP_TOO_OLD},
    {.name = "not yet", .plan = {.from_s = HOUR, .to_s = DAY}, .outcome = OCSP_TOO_EARLY},
    {.name = "not quite yet: clocks differ", .plan = {.from_s = 299, .to_s = DAY}},
    {.name = "no end, made now", .plan = {.from_s = -23 * HOUR, .to_s = 1, .no_end = true}},
    {.name = "no end, a day old",
     .plan = {.from_s = -25 * HOUR, .to_s = 1, .no_end = true},
     .outcome = OCSP_TOO_OLD},
    {.name = "ends before it begins",
     .plan = {.from_s = HOUR, .to_s = -HOUR},
     .outcome = OCSP_DAMAGED},
    {.name = "try later", .plan = {.refusal = 3}, .outcome = OCSP_NO_ANSWER},
};

static struct slice made_by(const struct row *row)
{
    struct answer plan = row->plan;
    plan.certificate = &cast[row->of ? row->of : LEAF];
    plan.issuer = &cast[ROOT];
    plan.responder = &cast[row->by];
    return answer(&arena, plan);
}

static void every_response_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ocsp_answer said = {0};
        enum ocsp_outcome outcome =
            ocsp_verify(made_by(&rows[i]), cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said);
        row_expect_slice(rows[i].name, slice_of(ocsp_outcome_text(outcome)),
                         slice_of(ocsp_outcome_text(rows[i].outcome)));
        row_expect(rows[i].name, "status", said.status, rows[i].status);
    }
}

static void what_it_says_is_read(void **state)
{
    (void)state;
    struct ocsp_answer said;
    const struct row revoked = {
        .plan = {.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 1, .revoked_hours = -48}};
    const struct row endless = {.plan = {.from_s = -HOUR, .to_s = 1, .no_end = true}};
    assert_int_equal(
        ocsp_verify(made_by(&revoked), cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said),
        OCSP_OK);
    assert_int_equal(said.this_update_ms, forge_now_ms - HOUR * 1000LL);
    assert_int_equal(said.next_update_ms, forge_now_ms + 7 * DAY * 1000LL);
    assert_int_equal(said.revoked_ms, forge_now_ms - 2 * DAY * 1000LL);
    assert_string_equal(ocsp_reason_name(said.reason), "keyCompromise");
    assert_string_equal(ocsp_reason_name(OCSP_REASON_NONE), "unspecified");
    assert_int_equal(
        ocsp_verify(made_by(&endless), cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said),
        OCSP_OK);
    assert_int_equal(said.next_update_ms, forge_now_ms + 23 * HOUR * 1000LL);
    assert_int_equal(said.reason, OCSP_REASON_NONE);
}

/* The name alone is not enough: the hash of the key is part of the question. */
static void the_issuer_is_the_one_that_is_named(void **state)
{
    (void)state;
    struct ocsp_answer said;
    struct slice response = made_by(&rows[0]);
    assert_int_equal(
        ocsp_verify(response, cast[LEAF].der, cast[STRANGE_ROOT].der, forge_now_ms, &said),
        OCSP_OTHER_CERTIFICATE);
    assert_int_equal(ocsp_verify(response, cast[LEAF].der, SLICE("x"), forge_now_ms, &said),
                     OCSP_OTHER_CERTIFICATE);
}

/* Every cut, and every bit turned around: never believed, never a crash. */
static void damage_is_seen(void **state)
{
    (void)state;
    struct ocsp_answer said;
    struct slice response = made_by(&rows[0]), copy;
    for (size_t len = 0; len < response.len; len++)
        assert_int_equal(ocsp_verify(slice_first(response, len), cast[LEAF].der, cast[ROOT].der,
                                     forge_now_ms, &said),
                         OCSP_DAMAGED);
    char bytes[4096];
    assert_true(response.len < sizeof bytes);
    memcpy(bytes, response.at, response.len);
    bytes[response.len] = 0;
    copy = (struct slice){bytes, response.len + 1};
    assert_int_equal(ocsp_verify(copy, cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said),
                     OCSP_DAMAGED);
    copy.len = response.len;
    size_t signed_len = 200; /* of the part that the signature covers, at the least */
    for (size_t i = 40; i < signed_len; i++) {
        bytes[i] ^= 1;
        if (ocsp_verify(copy, cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said) == OCSP_OK)
            fail_msg("octet %zu is turned, and it is believed", i);
        bytes[i] ^= 1;
    }
    assert_int_equal(ocsp_verify(copy, cast[LEAF].der, cast[ROOT].der, forge_now_ms, &said),
                     OCSP_OK);
}

static void the_subject_is_read_alone(void **state)
{
    (void)state;
    char storage[4096];
    struct text known = text_over(storage, sizeof storage);
    struct ocsp_subject subject;
    struct certificate_fields fields;
    struct slice response = made_by(&rows[0]);
    assert_true(certificate_fields_read(cast[LEAF].der, &fields));
    assert_true(text_append(&known, cast[STRANGE_ROOT].der));
    assert_int_equal(ocsp_subject_read(response, text_slice(&known), &arena, &subject), OCSP_OK);
    row_expect_slice("serial", subject.serial, fields.serial);
    assert_true(slice_starts(subject.issuer, SLICE("an issuer with the key hash ")));
    assert_int_equal(subject.issuer.len, 28 + 40);
    assert_int_equal(subject.issuer_canonical.len, 0);
    assert_true(text_append(&known, cast[ROOT].der));
    assert_int_equal(ocsp_subject_read(response, text_slice(&known), &arena, &subject), OCSP_OK);
    row_expect_slice("issuer", subject.issuer, SLICE("CN=Root"));
    assert_true(subject.issuer_canonical.len > 0);
    assert_int_equal(ocsp_subject_read(SLICE("0\x03\x0a\x01"), SLICE(""), &arena, &subject),
                     OCSP_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_response_is_judged),
        cmocka_unit_test(what_it_says_is_read),
        cmocka_unit_test(the_issuer_is_the_one_that_is_named),
        cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(the_subject_is_read_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
