/* SPDX-License-Identifier: Apache-2.0 */
/* vault: both kinds of process as the supervisor starts them, with their sandbox closed. */
#include "vault/vault.h"
#include "model/model.h"
#include "tls/import.h"
#include "tls/library.h"
#include "tls/remote_key.h"
#include "unit/vault/stage.h"

#include <sys/socket.h>
#include <sys/wait.h>

static const struct slice id = SLICE_INIT("0123456789abcdef");

struct scene {
    struct stage stage;
    pid_t pid;
    struct wire_end role; /* the wire a role is born with */
};

static _Noreturn void become_role(const struct scene *scene, enum wire_role role, int fd)
{
    const struct role_start start = {.self = role, .data = scene->stage.folder};
    close(scene->role.channel.fd); /* the other end, inherited */
    if (fd != ROLE_SUPERVISOR_FD && dup2(fd, ROLE_SUPERVISOR_FD) < 0)
        _exit(100);
    int result = role == ROLE_SIGNER ? vault_run_signer(&start) : vault_run_checker(&start);
    _exit(result == 0 ? 0 : 1);
}

static void start_role(struct scene *scene, enum wire_role role)
{
    int other;
    wire_end_open(&scene->role, &scene->stage, role, &other);
    scene->pid = fork();
    assert_true(scene->pid >= 0);
    if (scene->pid == 0)
        become_role(scene, role, other);
    close(other);
    stage_expect(&scene->role, WIRE_READY);
}

static void give_wire(struct scene *scene, enum wire_role peer, int fd)
{
    struct wire_peer message = {.role = peer};
    assert_true(channel_send(&scene->role.channel, WIRE_PEER, &message, fd));
    close(fd);
}

static void open_wire(struct scene *scene, struct wire_end *end, enum wire_role role,
                      enum wire_role peer)
{
    int other;
    wire_end_open(end, &scene->stage, role, &other);
    give_wire(scene, peer, other);
}

static void drain_role(struct scene *scene)
{
    int status;
    channel_send(&scene->role.channel, WIRE_DRAIN, &(struct wire_nothing){0}, -1);
    assert_null(stage_next(&scene->role));
    assert_int_equal(waitpid(scene->pid, &status, 0), scene->pid);
    assert_int_equal(status, 0);
    wire_end_close(&scene->role);
}

static int set_up(void **state)
{
    static struct scene scene;
    assert_true(tls_library_wipe_freed()); /* a fork later is too late */
    stage_open(&scene.stage);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    stage_close(&scene->stage);
    return 0;
}

static struct text make_verifier(struct wire_end *hub)
{
    struct wire_verifier_make make = {.request = 1, .id = id, .password = SLICE("secret")};
    channel_send(&hub->channel, WIRE_VERIFIER_MAKE, &make, -1);
    const struct wire_verifier_made *made = &stage_expect(hub, WIRE_VERIFIER_MADE)->verifier_made;
    assert_int_equal(made->outcome, 0);
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    assert_true(text_append(&sealed, made->sealed));
    return sealed;
}

static void log_in(struct wire_end *hub, struct wire_end *edge)
{
    struct text sealed = make_verifier(hub);
    struct wire_sasl sasl = {.session = 1,
                             .mechanism = SLICE("PLAIN"),
                             .message = SLICE("\0alice\0secret"),
                             .has_message = 1};
    channel_send(&edge->channel, WIRE_SASL, &sasl, -1);
    struct wire_account_answer answer = {
        .request = stage_expect(hub, WIRE_ACCOUNT_QUESTION)->account_question.request,
        .found = 1,
        .id = id,
        .name = SLICE("alice"),
        .sealed_verifier = text_slice(&sealed)};
    channel_send(&hub->channel, WIRE_ACCOUNT_ANSWER, &answer, -1);
    assert_int_equal(stage_expect(edge, WIRE_SASL_ANSWER)->sasl_answer.outcome, WIRE_SASL_ACCEPTED);
    text_deinit(&sealed);
}

/* The certificate's record, copied. */
static struct text make_certificate(struct wire_end *hub, enum wire_key_kind kind)
{
    struct wire_certificate_make make = {.request = 2,
                                         .id = id,
                                         .common_name = SLICE("a.example"),
                                         .names = SLICE("a.example"),
                                         .days = 10,
                                         .key_kind = kind};
    channel_send(&hub->channel, WIRE_CERTIFICATE_MAKE, &make, -1);
    const struct wire_certificate_read *answer =
        &stage_expect(hub, WIRE_CERTIFICATE_READ)->certificate_read;
    assert_int_equal(answer->outcome, IMPORT_OK);
    struct text record = text_with_ceiling(WIRE_CHAIN_MAX);
    assert_true(text_append(&record, answer->certificate));
    return record;
}

static void import(struct wire_end *hub, struct slice file, enum import_outcome outcome)
{
    struct wire_certificate_import message = {.request = 3, .id = id, .file = file};
    channel_send(&hub->channel, WIRE_CERTIFICATE_IMPORT, &message, -1);
    const struct wire_certificate_read *answer =
        &stage_expect(hub, WIRE_CERTIFICATE_READ)->certificate_read;
    if (answer->outcome != (uint64_t)outcome)
        fail_msg("import: %llu %.*s", (unsigned long long)answer->outcome,
                 SLICE_ARG(answer->error));
}

static void the_checker_works_behind_its_sandbox(void **state)
{
    struct scene *scene = *state;
    struct wire_end hub, edge;
    start_role(scene, ROLE_CHECKER);
    open_wire(scene, &hub, ROLE_CHECKER, ROLE_HUB);
    open_wire(scene, &edge, ROLE_CHECKER, ROLE_EDGE);
    stage_expect(&edge, WIRE_TICKET_KEYS);
    log_in(&hub, &edge);
    struct text rsa = make_certificate(&hub, WIRE_KEY_RSA_2048);
    struct text record = make_certificate(&hub, WIRE_KEY_P256);
    struct model *model = model_new();
    struct certificate *certificate =
        model_object_decode(model, MODEL_CERTIFICATE, text_slice(&record));
    assert_non_null(certificate);
    import(&hub, certificate->der, IMPORT_OK);
    import(&hub, SLICE("junk"), IMPORT_UNKNOWN_FORMAT);
    assert_true(hub.events >= 1); /* the key-encryption key is a local one */
    drain_role(scene);
    model_free(model);
    text_deinit(&rsa);
    text_deinit(&record);
    wire_end_close(&hub);
    wire_end_close(&edge);
}

static void ask_for_signature(int fd, bool expected)
{
    static const char words[] = "TLS 1.3, server CertificateVerify";
    char question[20 + 64 + sizeof words + 32], answer[256];
    uint64_t number = 5, handle = expected ? 1 : 2;
    uint32_t scheme = SIGNATURE_ECDSA_SHA256;
    memset(question, ' ', sizeof question);
    memcpy(question, &number, 8);
    memcpy(question + 8, &handle, 8);
    memcpy(question + 16, &scheme, 4);
    memcpy(question + 20 + 64, words, sizeof words);
    assert_int_equal(send(fd, question, sizeof question, 0), (ssize_t)sizeof question);
    ssize_t got = recv(fd, answer, sizeof answer, 0);
    assert_true(expected ? got > 8 + 64 : got == 8);
}

static void the_signer_works_behind_its_sandbox(void **state)
{
    struct scene *scene = *state;
    struct wire_end hub;
    start_role(scene, ROLE_CHECKER);
    open_wire(scene, &hub, ROLE_CHECKER, ROLE_HUB);
    struct text record = make_certificate(&hub, WIRE_KEY_P256);
    struct model *model = model_new();
    struct certificate *certificate =
        model_object_decode(model, MODEL_CERTIFICATE, text_slice(&record));
    assert_non_null(certificate);
    drain_role(scene);
    wire_end_close(&hub);

    int edge[2];
    start_role(scene, ROLE_SIGNER);
    open_wire(scene, &hub, ROLE_SIGNER, ROLE_HUB);
    assert_int_equal(socket_pair(true, edge), 0);
    give_wire(scene, ROLE_EDGE, edge[1]);
    struct wire_key_load load = {.handle = 1, .id = id, .sealed_key = certificate->key_sealed};
    channel_send(&hub.channel, WIRE_KEY_LOAD, &load, -1);
    assert_int_equal(stage_expect(&hub, WIRE_KEY_STATE)->key_state.usable, 1);
    ask_for_signature(edge[0], true);
    ask_for_signature(edge[0], false);
    drain_role(scene);
    close(edge[0]);
    wire_end_close(&hub);
    model_free(model);
    text_deinit(&record);
}

static void an_orphan_ends(void **state)
{
    struct scene *scene = *state;
    int status;
    start_role(scene, ROLE_CHECKER);
    channel_close(&scene->role.channel);
    assert_int_equal(waitpid(scene->pid, &status, 0), scene->pid);
    assert_int_equal(status, 0);
    wire_end_close(&scene->role);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(the_checker_works_behind_its_sandbox),
        SCENE(the_signer_works_behind_its_sandbox),
        SCENE(an_orphan_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
