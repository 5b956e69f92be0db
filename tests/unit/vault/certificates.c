/* SPDX-License-Identifier: Apache-2.0 */
/* certificates: files read in the zygote's children, and keys made here. */
#include "model/model.h"
#include "os/clock.h"
#include "tls/import.h"
#include "unit/vault/stage.h"
#include "vault/certificate_record.h"
#include "vault/checker.h"
#include "vault/import_result.h"
#include "vault/zygote.h"

#include <openssl/pkcs12.h>
#include <openssl/x509.h>

static const struct slice id = SLICE_INIT("0123456789abcdef");

/* One key under 9,999,999 rounds of PBKDF2 with SHA-512, password "slow": seconds each. */
static const char slow_key[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                               "MIHuMFkGCSqGSIb3DQEFDTBMMCsGCSqGSIb3DQEFDDAeBAgokIwAPPZhaAIEAJiW\n"
                               "fzAMBggqhkiG9w0CCwUAMB0GCWCGSAFlAwQBKgQQA8gcEHdZyyXuCeIFv5DdyQSB\n"
                               "kCLIr0u8jdAILiMVIyMV1gEgnB9skC41SMhbaYCPWLjBRjicB5fWunV7KIQKnP7T\n"
                               "QatuxL/1NeuAceu7aTk1/BVCmpfwPHEfjnufpl2npDiZ/w3yIva7dWk9OiRbdAxP\n"
                               "V8zGvGASQLO3RY71+M4UFymE/aj8DZAOtGk9uvk8gYahjArB7M+2IFedvshF/xaa\n"
                               "HQ==\n"
                               "-----END ENCRYPTED PRIVATE KEY-----\n";

struct scene {
    struct stage stage;
    struct checker checker;
    struct wire_end hub;
};

static int set_up(void **state)
{
    static struct scene scene;
    const struct role_start start = {.self = ROLE_CHECKER};
    int zygote_fd, other;
    stage_open(&scene.stage);
    assert_int_equal(zygote_start(&start, &zygote_fd), 0);
    assert_int_equal(checker_begin(&scene.checker, scene.stage.loop, scene.stage.kek, 2, zygote_fd),
                     0);
    wire_end_open(&scene.hub, &scene.stage, ROLE_CHECKER, &other);
    checker_attach(&scene.checker, ROLE_HUB, 0, other);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    checker_end(&scene->checker);
    wire_end_close(&scene->hub);
    stage_close(&scene->stage);
    return 0;
}

/* --- what goes in and comes out --- */

static const struct wire_certificate_read *import(struct scene *scene, struct slice file,
                                                  struct slice password)
{
    static uint64_t request;
    struct wire_certificate_import message = {
        .request = ++request, .id = id, .file = file, .password = password};
    assert_true(channel_send(&scene->hub.channel, WIRE_CERTIFICATE_IMPORT, &message, -1));
    const struct wire_certificate_read *answer =
        &stage_expect(&scene->hub, WIRE_CERTIFICATE_READ)->certificate_read;
    assert_int_equal(answer->request, request);
    return answer;
}

static const struct wire_certificate_read *make(struct scene *scene,
                                                struct wire_certificate_make message)
{
    message.request = 77;
    message.id = id;
    message.days = 90;
    assert_true(channel_send(&scene->hub.channel, WIRE_CERTIFICATE_MAKE, &message, -1));
    const struct wire_certificate_read *answer =
        &stage_expect(&scene->hub, WIRE_CERTIFICATE_READ)->certificate_read;
    assert_int_equal(answer->request, 77);
    return answer;
}

/* The record of a good answer, in a model the caller frees. */
static struct certificate *record_of(const struct wire_certificate_read *answer,
                                     struct model **out_model)
{
    if (answer->outcome != IMPORT_OK)
        fail_msg("outcome %llu: %.*s", (unsigned long long)answer->outcome,
                 SLICE_ARG(answer->error));
    *out_model = model_new();
    struct certificate *record =
        model_object_decode(*out_model, MODEL_CERTIFICATE, answer->certificate);
    assert_non_null(record);
    assert_memory_equal(record->id.bytes, id.at, id.len);
    assert_int_equal(record->key_handle, 0);
    return record;
}

/* The sealed key opens, and it is the key of the certificate. */
static void expect_key(struct scene *scene, const struct certificate *record)
{
    struct text plain = text_with_ceiling(WIRE_SECRET_MAX);
    assert_true(record->has_private_key);
    assert_int_equal(
        kek_unseal(scene->stage.kek, id, SLICE("certificate"), record->key_sealed, &plain),
        SEAL_OK);
    const unsigned char *at = (const unsigned char *)plain.at;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)plain.len);
    at = (const unsigned char *)record->der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)record->der.len);
    assert_int_equal(X509_check_private_key(certificate, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    seal_wipe(&plain);
}

/* A PFX of a made certificate, under the password "pfx". */
static struct text pfx_of(struct scene *scene, const struct certificate *record)
{
    struct text plain = text_with_ceiling(WIRE_SECRET_MAX);
    assert_int_equal(
        kek_unseal(scene->stage.kek, id, SLICE("certificate"), record->key_sealed, &plain),
        SEAL_OK);
    const unsigned char *at = (const unsigned char *)plain.at;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)plain.len);
    at = (const unsigned char *)record->der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)record->der.len);
    STACK_OF(X509) *chain = sk_X509_new_null();
    for (size_t i = 0; i < record->chain.count; i++) {
        at = (const unsigned char *)record->chain.at[i].at;
        sk_X509_push(chain, d2i_X509(NULL, &at, (long)record->chain.at[i].len));
    }
    PKCS12 *file = PKCS12_create("pfx", "Mail 2026", key, certificate, chain, 0, 0, 0, 0, 0);
    unsigned char *der = NULL;
    int len = i2d_PKCS12(file, &der);
    struct text bytes = text_with_ceiling(IMPORT_MAX_BYTES);
    assert_true(len > 0 && text_append(&bytes, slice_bytes(der, (size_t)len)));
    OPENSSL_free(der);
    PKCS12_free(file);
    sk_X509_pop_free(chain, X509_free);
    X509_free(certificate);
    EVP_PKEY_free(key);
    seal_wipe(&plain);
    return bytes;
}

/* --- made here --- */

static void a_self_signed_certificate_is_made(void **state)
{
    struct scene *scene = *state;
    struct model *model;
    struct certificate *record = record_of(
        make(scene, (struct wire_certificate_make){.kind = WIRE_CERTIFICATE_SELF_SIGNED,
                                                   .common_name = SLICE("mail.example.com"),
                                                   .names = SLICE("mail.example.com\nmx.example."
                                                                  "com\n"),
                                                   .key_kind = WIRE_KEY_P256,
                                                   .friendly_name = SLICE("Front")}),
        &model);
    expect_key(scene, record);
    row_expect_slice("subject", record->subject, SLICE("CN=mail.example.com"));
    row_expect_slice("issuer", record->issuer, record->subject);
    row_expect_slice("friendly", record->friendly_name, SLICE("Front"));
    assert_int_equal(record->dns_names.count, 2);
    row_expect_slice("second name", record->dns_names.at[1], SLICE("mx.example.com"));
    assert_true(record->self_signed);
    assert_int_equal(record->status, STATUS_VALID);
    assert_int_equal(record->root_ca_type, ROOT_NONE);
    assert_int_equal(record->key_kind, CERTIFICATE_KEY_ECDSA);
    assert_int_equal(record->public_key_bits, 256);
    assert_int_equal(record->x509_version, 3);
    assert_int_equal(record->thumbprint.len, 20);
    assert_int_equal(record->sha256.len, 32);
    assert_true(record->serial_number.len > 0);
    assert_true(record->not_after_ms > clock_wall_ms() + 89 * 86400000ll);
    model_free(model);
}

static void an_authority_issues_with_its_sealed_key(void **state)
{
    struct scene *scene = *state;
    struct model *authority_model, *model;
    struct certificate *authority = record_of(
        make(scene, (struct wire_certificate_make){.kind = WIRE_CERTIFICATE_AUTHORITY,
                                                   .common_name = SLICE("Our authority")}),
        &authority_model);
    struct wire_certificate_make message = {.kind = WIRE_CERTIFICATE_ISSUED,
                                            .common_name = SLICE("a.example"),
                                            .names = SLICE("a.example\n192.0.2.1"),
                                            .key_kind = WIRE_KEY_RSA_2048,
                                            .issuer_id = id,
                                            .issuer_certificate = authority->der,
                                            .issuer_sealed_key = authority->key_sealed};
    struct certificate *record = record_of(make(scene, message), &model);
    expect_key(scene, record);
    row_expect_slice("issuer", record->issuer_der, authority->subject_der);
    assert_false(record->self_signed);
    assert_int_equal(record->chain.count, 1);
    row_expect_slice("chain", record->chain.at[0], authority->der);
    assert_int_equal(record->status, STATUS_VALID);
    assert_int_equal(record->root_ca_type, ROOT_ENTERPRISE);
    assert_int_equal(record->key_kind, CERTIFICATE_KEY_RSA);
    assert_int_equal(record->public_key_bits, 2048);
    model_free(model);

    message.issuer_id = SLICE("another-authorit");
    const struct wire_certificate_read *refused = make(scene, message);
    assert_int_equal(refused->outcome, IMPORT_UNSUPPORTED);
    assert_true(refused->error.len > 0);
    assert_int_equal(refused->certificate.len, 0);
    model_free(authority_model);
}

static void unfit_requests_are_refused(void **state)
{
    struct scene *scene = *state;
    struct wire_certificate_make message = {.common_name = {0}};
    assert_int_equal(make(scene, message)->outcome, IMPORT_UNSUPPORTED);
    message.common_name = SLICE("ok.example");
    message.names = SLICE("not a name\n");
    assert_int_equal(make(scene, message)->outcome, IMPORT_UNSUPPORTED);
}

/* --- imported --- */

static void a_pfx_is_read_in_a_child(void **state)
{
    struct scene *scene = *state;
    struct model *made_model, *model;
    struct certificate *made =
        record_of(make(scene, (struct wire_certificate_make){.common_name = SLICE("pfx.example"),
                                                             .names = SLICE("pfx.example")}),
                  &made_model);
    struct text file = pfx_of(scene, made);
    struct certificate *record = record_of(import(scene, text_slice(&file), SLICE("pfx")), &model);
    expect_key(scene, record);
    row_expect_slice("thumbprint", record->thumbprint, made->thumbprint);
    row_expect_slice("friendly", record->friendly_name, SLICE("Mail 2026"));
    assert_int_equal(record->status, STATUS_VALID);
    model_free(model);

    const struct wire_certificate_read *wrong = import(scene, text_slice(&file), SLICE("not it"));
    assert_int_equal(wrong->outcome, IMPORT_WRONG_PASSWORD);
    assert_true(wrong->error.len > 0);
    assert_int_equal(wrong->certificate.len, 0);
    text_deinit(&file);
    model_free(made_model);
}

static void files_without_use_are_refused_with_the_reason(void **state)
{
    struct scene *scene = *state;
    struct model *made_model;
    struct certificate *made =
        record_of(make(scene, (struct wire_certificate_make){.common_name = SLICE("pfx.example"),
                                                             .names = SLICE("pfx.example")}),
                  &made_model);
    struct text file = pfx_of(scene, made);
    const struct {
        const char *row;
        struct slice file;
    } rows[] = {
        {"cut short", slice_first(text_slice(&file), file.len / 2)},
        {"empty", {NULL, 0}},
        {"prose", SLICE("this is not a certificate")},
        {"a key alone", slice_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct wire_certificate_read *answer = import(scene, rows[i].file, SLICE("pfx"));
        row_expect(rows[i].row, "refused", answer->outcome != IMPORT_OK, 1);
        row_expect(rows[i].row, "with a reason", answer->error.len > 0, 1);
        row_expect(rows[i].row, "without a certificate", (long long)answer->certificate.len, 0);
    }
    text_deinit(&file);
    model_free(made_model);
}

static void a_certificate_without_its_key_is_recorded_as_such(void **state)
{
    struct scene *scene = *state;
    struct model *made_model, *model;
    struct certificate *made =
        record_of(make(scene, (struct wire_certificate_make){.common_name = SLICE("der.example"),
                                                             .names = SLICE("der.example")}),
                  &made_model);
    struct certificate *record = record_of(import(scene, made->der, (struct slice){0}), &model);
    row_expect_slice("thumbprint", record->thumbprint, made->thumbprint);
    assert_false(record->has_private_key);
    assert_int_equal(record->key_sealed.len, 0);
    model_free(model);
    model_free(made_model);
}

static void a_child_that_takes_too_long_is_ended_and_the_next_is_served(void **state)
{
    struct scene *scene = *state;
    struct text file = text_with_ceiling(IMPORT_MAX_BYTES);
    for (int i = 0; i < 16; i++)
        assert_true(text_append_c(&file, slow_key));
    uint64_t begun = clock_monotonic_ms();
    const struct wire_certificate_read *answer = import(scene, text_slice(&file), SLICE("slow"));
    uint64_t took = clock_monotonic_ms() - begun;
    assert_int_equal(answer->outcome, IMPORT_TOO_LARGE);
    assert_true(slice_contains(answer->error, SLICE("longer than 5 seconds")));
    assert_true(took >= 4000 && took < 8000);
    assert_int_equal(import(scene, SLICE("x"), (struct slice){0})->outcome, IMPORT_UNKNOWN_FORMAT);
    text_deinit(&file);
}

static void more_imports_than_may_wait_are_refused_at_once(void **state)
{
    struct scene *scene = *state;
    enum { ASKED = IMPORTER_WAITING_MAX + 2 };
    for (uint64_t i = 1; i <= ASKED; i++) {
        struct wire_certificate_import message = {.request = i, .id = id, .file = SLICE("x")};
        channel_send(&scene->hub.channel, WIRE_CERTIFICATE_IMPORT, &message, -1);
    }
    size_t busy = 0, answered = 0;
    for (size_t i = 0; i < ASKED; i++) {
        const struct wire_certificate_read *answer =
            &stage_expect(&scene->hub, WIRE_CERTIFICATE_READ)->certificate_read;
        busy += answer->outcome == IMPORT_NO_MEMORY;
        answered += answer->outcome == IMPORT_UNKNOWN_FORMAT;
    }
    assert_int_equal(busy, 2);
    assert_int_equal(answered, IMPORTER_WAITING_MAX);
}

/* --- what a misled child might say --- */

static void results_that_are_not_one_are_not_taken(void **state)
{
    (void)state;
    struct import_result result = {.outcome = IMPORT_OK,
                                   .error = SLICE("note"),
                                   .record = SLICE("record"),
                                   .key = SLICE("key")};
    struct import_result read;
    struct text bytes = text_with_ceiling(1000);
    assert_true(import_result_append(&bytes, &result));
    assert_true(import_result_take(text_slice(&bytes), &read));
    row_expect_slice("key", read.key, SLICE("key"));
    for (size_t len = 0; len < bytes.len; len++)
        assert_false(import_result_take(slice_first(text_slice(&bytes), len), &read));
    assert_true(text_append_byte(&bytes, 'x'));
    assert_false(import_result_take(text_slice(&bytes), &read));
    text_clear(&bytes);
    result.outcome = IMPORT_OUTCOMES;
    assert_true(import_result_append(&bytes, &result));
    assert_false(import_result_take(text_slice(&bytes), &read));
    struct text out = text_with_ceiling(1000);
    assert_int_equal(certificate_record_complete(SLICE("junk"), id, (struct slice){0}, false, &out),
                     RECORD_DAMAGED);
    text_deinit(&out);
    text_deinit(&bytes);
}

static void a_lost_zygote_fails_what_waits_and_ends_the_role(void **state)
{
    struct scene *scene = *state;
    int ends[2], other;
    checker_end(&scene->checker);
    wire_end_close(&scene->hub);
    assert_int_equal(socket_pair(false, ends), 0);
    assert_int_equal(
        checker_begin(&scene->checker, scene->stage.loop, scene->stage.kek, 1, ends[0]), 0);
    wire_end_open(&scene->hub, &scene->stage, ROLE_CHECKER, &other);
    checker_attach(&scene->checker, ROLE_HUB, 0, other);
    struct wire_certificate_import message = {.request = 1, .id = id, .file = SLICE("x")};
    channel_send(&scene->hub.channel, WIRE_CERTIFICATE_IMPORT, &message, -1);
    stage_run(&scene->stage, 20);
    close(ends[1]);
    assert_int_equal(stage_expect(&scene->hub, WIRE_CERTIFICATE_READ)->certificate_read.outcome,
                     IMPORT_DAMAGED);
    assert_true(scene->checker.broken);
}

/* --- requests, and files that leave --- */

static void a_request_waits_with_its_key(void **state)
{
    struct scene *scene = *state;
    struct model *model;
    struct certificate *record = record_of(
        make(scene, (struct wire_certificate_make){.kind = WIRE_CERTIFICATE_REQUEST,
                                                   .common_name = SLICE("mail.example.com"),
                                                   .names = SLICE("mail.example.com\n"),
                                                   .key_kind = WIRE_KEY_P384}),
        &model);
    expect_key(scene, record);
    assert_int_equal(record->status, STATUS_PENDING_REQUEST);
    assert_int_equal(record->root_ca_type, ROOT_UNKNOWN);
    assert_int_equal(record->public_key_bits, 384);
    const unsigned char *at = (const unsigned char *)record->request_der.at;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)record->request_der.len);
    assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    X509_REQ_free(request);
    model_free(model);
}

static const struct wire_certificate_exported *export_of(struct scene *scene,
                                                         struct wire_certificate_export message)
{
    message.request = 78;
    message.id = message.id.len ? message.id : id;
    assert_true(channel_send(&scene->hub.channel, WIRE_CERTIFICATE_EXPORT, &message, -1));
    const struct wire_certificate_exported *answer =
        &stage_expect(&scene->hub, WIRE_CERTIFICATE_EXPORTED)->certificate_exported;
    assert_int_equal(answer->request, 78);
    return answer;
}

static struct wire_certificate_make exportable(bool may_leave)
{
    return (struct wire_certificate_make){.common_name = SLICE("pfx.example"),
                                          .names = SLICE("pfx.example"),
                                          .exportable = may_leave};
}

static void an_exportable_key_leaves_and_comes_back(void **state)
{
    struct scene *scene = *state;
    struct model *made_model, *model;
    struct certificate *made = record_of(make(scene, exportable(true)), &made_model);
    assert_true(made->exportable);
    const struct wire_certificate_exported *answer =
        export_of(scene, (struct wire_certificate_export){.certificate = made->der,
                                                          .sealed_key = made->key_sealed,
                                                          .friendly_name = SLICE("Front"),
                                                          .password = SLICE("leave 7")});
    assert_int_equal(answer->outcome, WIRE_EXPORT_DONE);
    assert_false(slice_contains(answer->file, SLICE("pfx.example"))); /* all of it is encrypted */
    struct certificate *record = record_of(import(scene, answer->file, SLICE("leave 7")), &model);
    row_expect_slice("thumbprint", record->thumbprint, made->thumbprint);
    row_expect_slice("friendly", record->friendly_name, SLICE("Front"));
    assert_false(record->exportable);
    expect_key(scene, record);
    model_free(model);
    assert_int_equal(import(scene, answer->file, SLICE("leave 8"))->outcome, IMPORT_WRONG_PASSWORD);
    model_free(made_model);
}

static void other_keys_stay(void **state)
{
    struct scene *scene = *state;
    struct model *model;
    struct certificate *made = record_of(make(scene, exportable(false)), &model);
    struct wire_certificate_export message = {
        .certificate = made->der, .sealed_key = made->key_sealed, .password = SLICE("leave 7")};
    assert_false(made->exportable);
    const struct wire_certificate_exported *answer = export_of(scene, message);
    assert_int_equal(answer->outcome, WIRE_EXPORT_NOT_EXPORTABLE);
    assert_int_equal(answer->file.len, 0);
    message.id = SLICE("another object.."); /* the seal is bound to its object */
    assert_int_equal(export_of(scene, message)->outcome, WIRE_EXPORT_UNREADABLE);
    model_free(model);
}

/* --- secrets that come back --- */

static struct wire_secret_checked checked(struct scene *scene, enum wire_secret_kind kind,
                                          struct slice object, struct slice sealed)
{
    struct wire_secret_check message = {
        .request = 79, .kind = kind, .id = object, .sealed = sealed};
    assert_true(channel_send(&scene->hub.channel, WIRE_SECRET_CHECK, &message, -1));
    return stage_expect(&scene->hub, WIRE_SECRET_CHECKED)->secret_checked;
}

static void a_sealed_key_is_tried_for_its_object(void **state)
{
    struct scene *scene = *state;
    for (int may_leave = 0; may_leave < 2; may_leave++) {
        struct model *model;
        struct certificate *made = record_of(make(scene, exportable(may_leave)), &model);
        struct wire_secret_checked answer = checked(scene, WIRE_SECRET_KEY, id, made->key_sealed);
        assert_int_equal(answer.opens, 1);
        assert_int_equal(answer.exportable, may_leave);
        row_expect_slice("digest", answer.key_sha256, made->key_sha256);
        assert_int_equal(
            checked(scene, WIRE_SECRET_KEY, SLICE("another object.."), made->key_sealed).opens, 0);
        assert_int_equal(checked(scene, WIRE_SECRET_VERIFIER, id, made->key_sealed).opens, 0);
        assert_int_equal(
            checked(scene, WIRE_SECRET_KEY, id, slice_after(made->key_sealed, 1)).opens, 0);
        model_free(model);
    }
    assert_int_equal(checked(scene, WIRE_SECRET_KEY, id, SLICE("")).opens, 0);
}

static void a_sealed_verifier_is_tried_for_its_mailbox(void **state)
{
    struct scene *scene = *state;
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    assert_int_equal(
        kek_seal(scene->stage.kek, id, SLICE("account"), SLICE("yescrypt x\n"), &sealed), SEAL_OK);
    assert_int_equal(checked(scene, WIRE_SECRET_VERIFIER, id, text_slice(&sealed)).opens, 1);
    assert_int_equal(checked(scene, WIRE_SECRET_KEY, id, text_slice(&sealed)).opens, 0);
    assert_int_equal(
        checked(scene, WIRE_SECRET_VERIFIER, SLICE("another object.."), text_slice(&sealed)).opens,
        0);
    text_deinit(&sealed);
}

static void a_sealed_key_that_signs_mail_tells_its_public_half(void **state)
{
    static const enum wire_secret_kind kinds[] = {WIRE_SECRET_MAIL_RSA, WIRE_SECRET_MAIL_ED25519};
    struct scene *scene = *state;
    struct wire_dkim_make make = {.request = 7, .id = id, .rsa_bits = 1024, .ed25519 = 1};
    struct text kept[4];
    assert_true(channel_send(&scene->hub.channel, WIRE_DKIM_MAKE, &make, -1));
    const struct wire_dkim_made *made = &stage_expect(&scene->hub, WIRE_DKIM_MADE)->dkim_made;
    const struct slice parts[] = {made->rsa_sealed, made->ed25519_sealed, made->rsa_public,
                                  made->ed25519_public};
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        kept[i] = text_with_ceiling(WIRE_SECRET_MAX);
        assert_true(text_append(&kept[i], parts[i]));
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct slice sealed = text_slice(&kept[i]);
        struct wire_secret_checked answer = checked(scene, kinds[i], id, sealed);
        assert_int_equal(answer.opens, 1);
        row_expect_slice("public half", answer.public_key, text_slice(&kept[2 + i]));
        assert_int_equal(checked(scene, kinds[1 - i], id, sealed).opens, 0);
        assert_int_equal(checked(scene, WIRE_SECRET_KEY, id, sealed).opens, 0);
        answer = checked(scene, kinds[i], SLICE("another object.."), sealed);
        assert_int_equal(answer.opens, 0);
        assert_int_equal(answer.public_key.len, 0);
    }
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        text_deinit(&kept[i]);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_self_signed_certificate_is_made),
        SCENE(an_authority_issues_with_its_sealed_key),
        SCENE(unfit_requests_are_refused),
        SCENE(a_request_waits_with_its_key),
        SCENE(an_exportable_key_leaves_and_comes_back),
        SCENE(other_keys_stay),
        SCENE(a_sealed_key_is_tried_for_its_object),
        SCENE(a_sealed_verifier_is_tried_for_its_mailbox),
        SCENE(a_sealed_key_that_signs_mail_tells_its_public_half),
        SCENE(a_pfx_is_read_in_a_child),
        SCENE(files_without_use_are_refused_with_the_reason),
        SCENE(a_certificate_without_its_key_is_recorded_as_such),
        SCENE(a_child_that_takes_too_long_is_ended_and_the_next_is_served),
        SCENE(more_imports_than_may_wait_are_refused_at_once),
        cmocka_unit_test(results_that_are_not_one_are_not_taken),
        SCENE(a_lost_zygote_fails_what_waits_and_ends_the_role),
    };
    if (import_start() < 0)
        fprintf(stderr, "without the legacy provider\n");
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    import_stop();
    return failures;
}
