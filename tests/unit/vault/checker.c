/* SPDX-License-Identifier: Apache-2.0 */
/* checker: logins from hostile edges, accounts from the hub, verifiers and ticket keys. */
#include "vault/checker.h"
#include "os/clock.h"
#include "unit/sasl/client.h"
#include "unit/vault/stage.h"
#include "vault/verifier.h"

enum { EDGES = 2 };

static const struct slice alice_id = SLICE_INIT("alice-alice-1234");

struct scene {
    struct stage stage;
    struct checker checker;
    struct wire_end hub, edges[EDGES];
    int zygote_fd;        /* nobody reads from it */
    struct text verifier; /* alice's, sealed; her password is "secret" */
};

static void attach_hub(struct scene *scene)
{
    int other;
    wire_end_open(&scene->hub, &scene->stage, ROLE_CHECKER, &other);
    checker_attach(&scene->checker, ROLE_HUB, 0, other);
}

static void attach_edge(struct scene *scene, unsigned index)
{
    int other;
    wire_end_open(&scene->edges[index], &scene->stage, ROLE_CHECKER, &other);
    checker_attach(&scene->checker, ROLE_EDGE, index, other);
    stage_expect(&scene->edges[index], WIRE_TICKET_KEYS);
}

static void make_alice(struct scene *scene)
{
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    scene->verifier = text_with_ceiling(WIRE_SECRET_MAX);
    assert_true(verifier_make(SLICE("secret"), &record));
    assert_int_equal(kek_seal(scene->stage.kek, alice_id, SLICE("account"), text_slice(&record),
                              &scene->verifier),
                     SEAL_OK);
    text_deinit(&record);
}

static int set_up(void **state)
{
    static struct scene scene;
    assert_int_equal(gsasl_init(&client_library), GSASL_OK);
    int ends[2];
    stage_open(&scene.stage);
    assert_int_equal(socket_pair(false, ends), 0);
    assert_int_equal(checker_begin(&scene.checker, scene.stage.loop, scene.stage.kek, 2, ends[0]),
                     0);
    scene.zygote_fd = ends[1];
    make_alice(&scene);
    attach_hub(&scene);
    for (unsigned i = 0; i < EDGES; i++)
        attach_edge(&scene, i);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    checker_end(&scene->checker);
    wire_end_close(&scene->hub);
    for (size_t i = 0; i < EDGES; i++)
        wire_end_close(&scene->edges[i]);
    close_fd(&scene->zygote_fd);
    text_deinit(&scene->verifier);
    stage_close(&scene->stage);
    gsasl_done(client_library);
    return 0;
}

/* --- what the peers say --- */

static void say(struct scene *scene, unsigned edge, uint64_t session, struct slice mechanism,
                struct slice message)
{
    struct wire_sasl sasl = {
        .session = session, .mechanism = mechanism, .message = message, .has_message = 1};
    assert_true(channel_send(&scene->edges[edge].channel, WIRE_SASL, &sasl, -1));
}

static void begin(struct scene *scene, unsigned edge, uint64_t session, struct slice mechanism)
{
    struct wire_sasl sasl = {.session = session, .mechanism = mechanism};
    assert_true(channel_send(&scene->edges[edge].channel, WIRE_SASL, &sasl, -1));
}

static uint64_t expect_question(struct scene *scene, struct slice name)
{
    const struct wire_account_question *question =
        &stage_expect(&scene->hub, WIRE_ACCOUNT_QUESTION)->account_question;
    row_expect_slice("who", question->name, name);
    return question->request;
}

static void answer_alice(struct scene *scene, uint64_t request)
{
    struct wire_account_answer answer = {.request = request,
                                         .found = 1,
                                         .id = alice_id,
                                         .name = SLICE("CORP\\alice"),
                                         .addresses = SLICE("alice@example.com\na@example.com\n"),
                                         .sealed_verifier = text_slice(&scene->verifier)};
    assert_true(channel_send(&scene->hub.channel, WIRE_ACCOUNT_ANSWER, &answer, -1));
}

static void answer_nobody(struct scene *scene, uint64_t request)
{
    struct wire_account_answer answer = {.request = request};
    assert_true(channel_send(&scene->hub.channel, WIRE_ACCOUNT_ANSWER, &answer, -1));
}

static const struct wire_sasl_answer *
expect_outcome(struct scene *scene, unsigned edge, uint64_t session, enum wire_sasl_outcome outcome)
{
    const struct wire_sasl_answer *answer =
        &stage_expect(&scene->edges[edge], WIRE_SASL_ANSWER)->sasl_answer;
    assert_int_equal(answer->session, session);
    assert_int_equal(answer->outcome, outcome);
    if (outcome != WIRE_SASL_ACCEPTED) {
        assert_int_equal(answer->account.len, 0);
        assert_int_equal(answer->addresses.len, 0);
    }
    return answer;
}

/* --- logins --- */

static void plain_with_the_right_password_is_accepted(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 5, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    const struct wire_sasl_answer *answer = expect_outcome(scene, 0, 5, WIRE_SASL_ACCEPTED);
    row_expect_slice("account", answer->account, SLICE("CORP\\alice"));
    row_expect_slice("addresses", answer->addresses, SLICE("alice@example.com\na@example.com\n"));
    assert_int_equal(logins_count(scene->checker.logins), 0);
}

static void login_asks_for_both_and_is_accepted(void **state)
{
    struct scene *scene = *state;
    begin(scene, 1, 9, SLICE("LOGIN"));
    assert_true(expect_outcome(scene, 1, 9, WIRE_SASL_CHALLENGE)->bytes.len > 0);
    say(scene, 1, 9, (struct slice){0}, SLICE("alice"));
    assert_true(expect_outcome(scene, 1, 9, WIRE_SASL_CHALLENGE)->bytes.len > 0);
    say(scene, 1, 9, (struct slice){0}, SLICE("secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 1, 9, WIRE_SASL_ACCEPTED);
}

static uint64_t refused_after_us(struct scene *scene, bool known)
{
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0wrong"));
    uint64_t request = expect_question(scene, SLICE("alice"));
    uint64_t begun = clock_monotonic_us();
    if (known)
        answer_alice(scene, request);
    else
        answer_nobody(scene, request);
    expect_outcome(scene, 0, 1, WIRE_SASL_REFUSED);
    return clock_monotonic_us() - begun;
}

static void wrong_password_and_unknown_user_are_refused_alike(void **state)
{
    struct scene *scene = *state;
    uint64_t known = refused_after_us(scene, true);
    uint64_t unknown = refused_after_us(scene, false);
    assert_true(unknown > known / 4 && known > unknown / 4);
}

static void an_account_without_verifier_is_refused(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    struct wire_account_answer answer = {.request = expect_question(scene, SLICE("alice")),
                                         .found = 1,
                                         .id = alice_id,
                                         .name = SLICE("alice")};
    channel_send(&scene->hub.channel, WIRE_ACCOUNT_ANSWER, &answer, -1);
    expect_outcome(scene, 0, 1, WIRE_SASL_REFUSED);
}

static void nobody_acts_for_another(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("bob\0alice\0secret"));
    expect_outcome(scene, 0, 1, WIRE_SASL_REFUSED);
    say(scene, 0, 2, SLICE("PLAIN"), SLICE("alice\0alice\0secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 0, 2, WIRE_SASL_ACCEPTED);
}

/* --- SCRAM --- */

static const struct slice binding = SLICE_INIT("0123456789abcdef0123456789abcdef");

/* The first message of a login as `name`; returns the number of the hub's question. */
static uint64_t begin_scram(struct scene *scene, struct client *client, const char *mechanism,
                            const char *name, const char *password, struct slice bound)
{
    client_begin(client, mechanism, name, NULL, password, bound);
    struct wire_sasl sasl = {.session = 7,
                             .mechanism = slice_of(mechanism),
                             .message = client_step(client, (struct slice){0}),
                             .has_message = 1,
                             .binding = bound.len ? binding : (struct slice){0}};
    assert_true(channel_send(&scene->edges[0].channel, WIRE_SASL, &sasl, -1));
    return expect_question(scene, slice_of(name));
}

/* From the server's first message to its verdict on the proof, and the client's last message. */
static void end_scram(struct scene *scene, struct client *client, enum wire_sasl_outcome outcome)
{
    struct slice first = expect_outcome(scene, 0, 7, WIRE_SASL_CHALLENGE)->bytes;
    say(scene, 0, 7, (struct slice){0}, client_step(client, first));
    struct slice final = expect_outcome(scene, 0, 7, outcome)->bytes;
    if (outcome == WIRE_SASL_CHALLENGE) {
        say(scene, 0, 7, (struct slice){0}, client_step(client, final));
        assert_int_equal(client->result, GSASL_OK);
        const struct wire_sasl_answer *answer = expect_outcome(scene, 0, 7, WIRE_SASL_ACCEPTED);
        row_expect_slice("account", answer->account, SLICE("CORP\\alice"));
        row_expect_slice("addresses", answer->addresses,
                         SLICE("alice@example.com\na@example.com\n"));
    }
    client_end(client);
    assert_int_equal(logins_count(scene->checker.logins), 0);
}

static void a_proven_password_is_accepted(void **state)
{
    struct scene *scene = *state;
    struct client client;
    answer_alice(
        scene, begin_scram(scene, &client, "SCRAM-SHA-256", "alice", "secret", (struct slice){0}));
    end_scram(scene, &client, WIRE_SASL_CHALLENGE);
    answer_alice(scene,
                 begin_scram(scene, &client, "SCRAM-SHA-256-PLUS", "alice", "secret", binding));
    end_scram(scene, &client, WIRE_SASL_CHALLENGE);
}

static void what_is_not_proven_is_refused(void **state)
{
    struct scene *scene = *state;
    struct client client;
    answer_alice(
        scene, begin_scram(scene, &client, "SCRAM-SHA-256", "alice", "Secret", (struct slice){0}));
    end_scram(scene, &client, WIRE_SASL_REFUSED);
    answer_alice(scene, begin_scram(scene, &client, "SCRAM-SHA-256-PLUS", "alice", "secret",
                                    SLICE("another session of this server")));
    end_scram(scene, &client, WIRE_SASL_REFUSED);
    answer_nobody(
        scene, begin_scram(scene, &client, "SCRAM-SHA-256", "carol", "secret", (struct slice){0}));
    end_scram(scene, &client, WIRE_SASL_REFUSED);
}

/* The first line alone, as it was written before there was a second. */
static void cut_verifier(struct scene *scene)
{
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    struct slice rest, line;
    assert_true(verifier_make(SLICE("secret"), &record));
    rest = text_slice(&record);
    assert_true(slice_take_until(&rest, '\n', &line));
    text_clear(&scene->verifier);
    assert_int_equal(kek_seal(scene->stage.kek, alice_id, SLICE("account"),
                              slice_first(text_slice(&record), line.len + 1), &scene->verifier),
                     SEAL_OK);
    text_deinit(&record);
}

static void a_verifier_of_before_takes_passwords_and_no_proofs(void **state)
{
    struct scene *scene = *state;
    struct client client;
    cut_verifier(scene);
    say(scene, 0, 5, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 0, 5, WIRE_SASL_ACCEPTED);
    answer_alice(
        scene, begin_scram(scene, &client, "SCRAM-SHA-256", "alice", "secret", (struct slice){0}));
    end_scram(scene, &client, WIRE_SASL_REFUSED);
}

/* What the server says of salt and iterations, "s=...,i=..."; `record` is empty: nobody. */
static void salt_of(struct scene *scene, const char *name, struct slice record, struct text *out)
{
    struct client client;
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct wire_account_answer answer = {
        .request = begin_scram(scene, &client, "SCRAM-SHA-256", name, "secret", (struct slice){0}),
        .found = record.len != 0,
        .id = record.len ? alice_id : (struct slice){0}};
    if (record.len) {
        assert_int_equal(kek_seal(scene->stage.kek, alice_id, SLICE("account"), record, &sealed),
                         SEAL_OK);
        answer.sealed_verifier = text_slice(&sealed);
    }
    assert_true(channel_send(&scene->hub.channel, WIRE_ACCOUNT_ANSWER, &answer, -1));
    struct slice first = expect_outcome(scene, 0, 7, WIRE_SASL_CHALLENGE)->bytes, nonce;
    assert_true(slice_take_until(&first, ',', &nonce));
    *out = text_with_ceiling(256);
    assert_true(text_append(out, first));
    logins_abandon(scene->checker.logins, 0, 7);
    text_deinit(&sealed);
    client_end(&client);
}

/* A name without keys looks like one with keys, however often one asks. */
static void names_cannot_be_probed(void **state)
{
    struct scene *scene = *state;
    struct text nobody, again, capitals, old, other;
    salt_of(scene, "carol", (struct slice){0}, &nobody);
    salt_of(scene, "carol", (struct slice){0}, &again);
    salt_of(scene, "CAROL", (struct slice){0}, &capitals);
    salt_of(scene, "carol", SLICE("yescrypt $y$j9T$abc$def\n"), &old);
    salt_of(scene, "dave", (struct slice){0}, &other);
    row_expect_slice("again", text_slice(&again), text_slice(&nobody));
    row_expect_slice("capitals", text_slice(&capitals), text_slice(&nobody));
    row_expect_slice("a record of before SCRAM", text_slice(&old), text_slice(&nobody));
    assert_false(slice_equal(text_slice(&other), text_slice(&nobody)));
    assert_int_equal(other.len, nobody.len);
    struct text *all[] = {&nobody, &again, &capitals, &old, &other};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        text_deinit(all[i]);
}

static void malformed_and_unknown_exchanges_end(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("no separators"));
    expect_outcome(scene, 0, 1, WIRE_SASL_MALFORMED);
    say(scene, 0, 1, (struct slice){0}, SLICE("alice"));
    expect_outcome(scene, 0, 1, WIRE_SASL_MALFORMED);
    say(scene, 0, 1, SLICE("X-NONE"), SLICE("alice"));
    expect_outcome(scene, 0, 1, WIRE_SASL_MALFORMED);
    assert_int_equal(logins_count(scene->checker.logins), 0);
}

static void an_edge_reaches_its_own_sessions_only(void **state)
{
    struct scene *scene = *state;
    begin(scene, 0, 7, SLICE("LOGIN"));
    expect_outcome(scene, 0, 7, WIRE_SASL_CHALLENGE);
    say(scene, 1, 7, (struct slice){0}, SLICE("mallory"));
    expect_outcome(scene, 1, 7, WIRE_SASL_MALFORMED);
    struct wire_session abandon = {.session = 7};
    channel_send(&scene->edges[1].channel, WIRE_SASL_ABANDON, &abandon, -1);
    stage_run(&scene->stage, 20);
    assert_int_equal(logins_count(scene->checker.logins), 1);
    say(scene, 0, 7, (struct slice){0}, SLICE("alice"));
    expect_outcome(scene, 0, 7, WIRE_SASL_CHALLENGE);
}

static void an_abandoned_login_is_not_answered(void **state)
{
    struct scene *scene = *state;
    struct wire_session abandon = {.session = 1};
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    uint64_t request = expect_question(scene, SLICE("alice"));
    channel_send(&scene->edges[0].channel, WIRE_SASL_ABANDON, &abandon, -1);
    stage_run(&scene->stage, 20);
    answer_alice(scene, request);
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    request = expect_question(scene, SLICE("alice"));
    answer_alice(scene, request);
    channel_flush(&scene->hub.channel);
    stage_run(&scene->stage, 2);
    channel_send(&scene->edges[0].channel, WIRE_SASL_ABANDON, &abandon, -1);
    channel_flush(&scene->edges[0].channel);
    stage_run(&scene->stage, 200);
    assert_int_equal(logins_count(scene->checker.logins), 0);
    say(scene, 0, 2, SLICE("PLAIN"), SLICE("\0alice\0wrong"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    while (stage_expect(&scene->edges[0], WIRE_SASL_ANSWER)->sasl_answer.session == 1)
        continue; /* only when the check was faster than the abandoning */
}

static void without_a_hub_logins_are_unavailable(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    expect_question(scene, SLICE("alice"));
    wire_end_close(&scene->hub);
    expect_outcome(scene, 0, 1, WIRE_SASL_UNAVAILABLE);
    say(scene, 0, 2, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    expect_outcome(scene, 0, 2, WIRE_SASL_UNAVAILABLE);
    attach_hub(scene);
    say(scene, 0, 3, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 0, 3, WIRE_SASL_ACCEPTED);
}

static void a_verifier_that_does_not_open_is_unavailable_and_logged(void **state)
{
    struct scene *scene = *state;
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    struct wire_account_answer answer = {.request = expect_question(scene, SLICE("alice")),
                                         .found = 1,
                                         .id = SLICE("another-account!"),
                                         .name = SLICE("alice"),
                                         .sealed_verifier = text_slice(&scene->verifier)};
    size_t events = scene->hub.events;
    channel_send(&scene->hub.channel, WIRE_ACCOUNT_ANSWER, &answer, -1);
    expect_outcome(scene, 0, 1, WIRE_SASL_UNAVAILABLE);
    stage_run(&scene->stage, 20);
    assert_int_equal(scene->hub.events, events + 1);
}

static void an_edge_that_ends_takes_its_logins_along(void **state)
{
    struct scene *scene = *state;
    begin(scene, 0, 1, SLICE("LOGIN"));
    expect_outcome(scene, 0, 1, WIRE_SASL_CHALLENGE);
    begin(scene, 1, 1, SLICE("LOGIN"));
    expect_outcome(scene, 1, 1, WIRE_SASL_CHALLENGE);
    wire_end_close(&scene->edges[0]);
    stage_run(&scene->stage, 20);
    assert_int_equal(logins_count(scene->checker.logins), 1);
    attach_edge(scene, 0);
    say(scene, 0, 1, (struct slice){0}, SLICE("alice"));
    expect_outcome(scene, 0, 1, WIRE_SASL_MALFORMED);
    struct wire_end newer;
    int other;
    wire_end_open(&newer, &scene->stage, ROLE_CHECKER, &other);
    checker_attach(&scene->checker, ROLE_EDGE, 1, other); /* while the old one is alive */
    assert_int_equal(logins_count(scene->checker.logins), 0);
    assert_null(stage_next(&scene->edges[1]));
    wire_end_close(&newer);
}

static void silent_exchanges_are_forgotten(void **state)
{
    struct scene *scene = *state;
    begin(scene, 0, 1, SLICE("LOGIN"));
    expect_outcome(scene, 0, 1, WIRE_SASL_CHALLENGE);
    say(scene, 0, 2, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    expect_question(scene, SLICE("alice"));
    uint64_t now = loop_now_ms(scene->stage.loop);
    logins_sweep(scene->checker.logins, now + LOGIN_ACCOUNT_MS - 1000);
    assert_int_equal(logins_count(scene->checker.logins), 2);
    logins_sweep(scene->checker.logins, now + LOGIN_ACCOUNT_MS + 1000);
    expect_outcome(scene, 0, 2, WIRE_SASL_UNAVAILABLE);
    assert_int_equal(logins_count(scene->checker.logins), 1);
    logins_sweep(scene->checker.logins, now + LOGIN_IDLE_MS + 1000);
    assert_int_equal(logins_count(scene->checker.logins), 0);
}

static void the_logins_of_an_edge_have_a_ceiling(void **state)
{
    struct scene *scene = *state;
    for (uint64_t session = 1; session <= LOGINS_MAX / 2; session++) {
        begin(scene, 0, session, SLICE("LOGIN"));
        expect_outcome(scene, 0, session, WIRE_SASL_CHALLENGE);
    }
    begin(scene, 0, 1 << 20, SLICE("LOGIN"));
    expect_outcome(scene, 0, 1 << 20, WIRE_SASL_UNAVAILABLE);
    begin(scene, 1, 1 << 20, SLICE("LOGIN"));
    expect_outcome(scene, 1, 1 << 20, WIRE_SASL_CHALLENGE);
}

static void a_broken_frame_ends_the_edge_alone(void **state)
{
    struct scene *scene = *state;
    begin(scene, 0, 1, SLICE("LOGIN"));
    expect_outcome(scene, 0, 1, WIRE_SASL_CHALLENGE);
    static const char broken[] = "\xff\xff\xff\xff\xff\xff";
    assert_int_equal(write(scene->edges[0].channel.fd, broken, sizeof broken - 1), 6);
    assert_null(stage_next(&scene->edges[0]));
    stage_run(&scene->stage, 20);
    assert_int_equal(logins_count(scene->checker.logins), 0);
    begin(scene, 1, 1, SLICE("LOGIN"));
    expect_outcome(scene, 1, 1, WIRE_SASL_CHALLENGE);
}

/* --- verifiers --- */

static void a_made_verifier_lets_its_password_in(void **state)
{
    struct scene *scene = *state;
    struct wire_verifier_make make = {.request = 3, .id = alice_id, .password = SLICE("fresh")};
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    const struct wire_verifier_made *made =
        &stage_expect(&scene->hub, WIRE_VERIFIER_MADE)->verifier_made;
    assert_int_equal(made->request, 3);
    assert_int_equal(made->outcome, 0);
    assert_false(slice_contains(made->sealed, SLICE("yescrypt")));
    text_clear(&scene->verifier);
    assert_true(text_append(&scene->verifier, made->sealed));
    say(scene, 0, 1, SLICE("PLAIN"), SLICE("\0alice\0secret"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 0, 1, WIRE_SASL_REFUSED);
    say(scene, 0, 2, SLICE("PLAIN"), SLICE("\0alice\0fresh"));
    answer_alice(scene, expect_question(scene, SLICE("alice")));
    expect_outcome(scene, 0, 2, WIRE_SASL_ACCEPTED);
}

static void a_credential_is_the_password_itself_and_nobody_elses(void **state)
{
    struct scene *scene = *state;
    char storage[64];
    struct text plain = text_over(storage, sizeof storage);
    struct wire_verifier_make make = {
        .request = 5, .recoverable = 1, .id = alice_id, .password = SLICE("to log in elsewhere")};
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    const struct wire_verifier_made *made =
        &stage_expect(&scene->hub, WIRE_VERIFIER_MADE)->verifier_made;
    assert_int_equal(made->outcome, 0);
    assert_false(slice_contains(made->sealed, SLICE("elsewhere")));
    assert_int_equal(kek_unseal(scene->stage.kek, alice_id, SLICE("account"), made->sealed, &plain),
                     SEAL_REFUSED);
    assert_int_equal(
        kek_unseal(scene->stage.kek, alice_id, SLICE("credential"), made->sealed, &plain), SEAL_OK);
    assert_true(slice_equal(text_slice(&plain), SLICE("to log in elsewhere")));

    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    assert_true(text_append(&sealed, made->sealed));
    struct wire_credential_open open = {
        .request = 6, .id = alice_id, .sealed = text_slice(&sealed)};
    channel_send(&scene->hub.channel, WIRE_CREDENTIAL_OPEN, &open, -1);
    const struct wire_credential_opened *opened =
        &stage_expect(&scene->hub, WIRE_CREDENTIAL_OPENED)->credential_opened;
    assert_int_equal(opened->request, 6);
    assert_int_equal(opened->outcome, 0);
    assert_true(slice_equal(opened->password, SLICE("to log in elsewhere")));
    open.id = SLICE("0123456789abcdeF"); /* another connector's */
    channel_send(&scene->hub.channel, WIRE_CREDENTIAL_OPEN, &open, -1);
    opened = &stage_expect(&scene->hub, WIRE_CREDENTIAL_OPENED)->credential_opened;
    assert_int_equal(opened->outcome, 1);
    assert_int_equal(opened->password.len, 0);
    text_deinit(&sealed);
    make.password = (struct slice){0};
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    assert_int_equal(stage_expect(&scene->hub, WIRE_VERIFIER_MADE)->verifier_made.outcome, 1);
}

/* --- mail --- */

static const struct slice digest = SLICE_INIT("a digest of a header, 32 bytes..");

static bool signs(struct scene *scene, struct slice id, struct slice rsa_sealed,
                  struct slice ed25519_sealed, struct slice signed_digest)
{
    struct wire_dkim_sign sign = {.request = 8,
                                  .id = id,
                                  .rsa_sealed = rsa_sealed,
                                  .rsa_digest = signed_digest,
                                  .ed25519_sealed = ed25519_sealed,
                                  .ed25519_digest = signed_digest};
    channel_send(&scene->hub.channel, WIRE_DKIM_SIGN, &sign, -1);
    const struct wire_dkim_signed *answer =
        &stage_expect(&scene->hub, WIRE_DKIM_SIGNED)->dkim_signed;
    assert_int_equal(answer->request, 8);
    bool good = answer->outcome == 0;
    assert_int_equal(answer->rsa.len, good && rsa_sealed.len ? 128 : 0);
    assert_int_equal(answer->ed25519.len, good && ed25519_sealed.len ? 64 : 0);
    return good;
}

static void mail_keys_sign_digests_of_mail_alone(void **state)
{
    struct scene *scene = *state;
    struct wire_dkim_make make = {.request = 7, .id = alice_id, .rsa_bits = 1024, .ed25519 = 1};
    struct text rsa = text_with_ceiling(WIRE_SECRET_MAX), ed25519 = rsa, plain = rsa;
    channel_send(&scene->hub.channel, WIRE_DKIM_MAKE, &make, -1);
    const struct wire_dkim_made *made = &stage_expect(&scene->hub, WIRE_DKIM_MADE)->dkim_made;
    assert_int_equal(made->outcome, 0);
    assert_int_equal(made->ed25519_public.len, 32);
    assert_true(text_append(&rsa, made->rsa_sealed) && text_append(&ed25519, made->ed25519_sealed));
    struct slice none = {0}, both[] = {text_slice(&rsa), text_slice(&ed25519)};

    assert_true(signs(scene, alice_id, both[0], both[1], digest));
    assert_true(signs(scene, alice_id, both[0], none, digest));
    assert_false(signs(scene, alice_id, none, none, digest));
    assert_false(signs(scene, alice_id, both[0], both[1], slice_first(digest, 31)));
    assert_false(signs(scene, alice_id, both[0], none, none));
    assert_false(signs(scene, alice_id, both[1], both[0], digest)); /* the other algorithm's */
    assert_false(signs(scene, SLICE("0123456789abcdeF"), both[0], none, digest));
    assert_false(signs(scene, SLICE("short"), both[0], none, digest));
    assert_false(signs(scene, alice_id, text_slice(&scene->verifier), none, digest));

    /* nor is it any other secret, or any other secret it */
    assert_int_equal(kek_unseal(scene->stage.kek, alice_id, SLICE("credential"), both[0], &plain),
                     SEAL_REFUSED);
    struct wire_credential_open open = {.request = 9, .id = alice_id, .sealed = both[0]};
    channel_send(&scene->hub.channel, WIRE_CREDENTIAL_OPEN, &open, -1);
    assert_int_equal(stage_expect(&scene->hub, WIRE_CREDENTIAL_OPENED)->credential_opened.outcome,
                     1);
    text_deinit(&rsa);
    text_deinit(&ed25519);
    text_deinit(&plain);
}

static void a_key_that_is_too_small_is_not_made(void **state)
{
    struct scene *scene = *state;
    struct wire_dkim_make make = {.request = 7, .id = alice_id, .rsa_bits = 512, .ed25519 = 1};
    channel_send(&scene->hub.channel, WIRE_DKIM_MAKE, &make, -1);
    const struct wire_dkim_made *made = &stage_expect(&scene->hub, WIRE_DKIM_MADE)->dkim_made;
    assert_int_equal(made->outcome, 1);
    assert_int_equal(made->rsa_sealed.len + made->ed25519_sealed.len, 0);
}

static void an_unfit_password_makes_no_verifier(void **state)
{
    struct scene *scene = *state;
    struct wire_verifier_make make = {.request = 4, .id = alice_id};
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    assert_int_equal(stage_expect(&scene->hub, WIRE_VERIFIER_MADE)->verifier_made.outcome, 1);
    make.id = SLICE("short");
    make.password = SLICE("good");
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    assert_int_equal(stage_expect(&scene->hub, WIRE_VERIFIER_MADE)->verifier_made.outcome, 1);
}

static void another_hub_does_not_get_the_answers_of_the_first(void **state)
{
    struct scene *scene = *state;
    struct wire_verifier_make make = {.request = 1, .id = alice_id, .password = SLICE("a")};
    channel_send(&scene->hub.channel, WIRE_VERIFIER_MAKE, &make, -1);
    channel_flush(&scene->hub.channel);
    stage_run(&scene->stage, 1);
    wire_end_close(&scene->hub);
    attach_hub(scene);
    stage_run(&scene->stage, 200);
    assert_int_equal(scene->hub.count, 0);
}

/* --- tickets --- */

static void ticket_keys_rotate_and_reach_every_edge(void **state)
{
    struct scene *scene = *state;
    char before[TICKET_SOURCE_BYTES];
    memcpy(before, ticket_source_keys(&scene->checker.tickets).at, sizeof before);
    ticket_source_rotate(&scene->checker.tickets);
    for (size_t i = 0; i < EDGES; i++) {
        struct slice keys = stage_expect(&scene->edges[i], WIRE_TICKET_KEYS)->ticket_keys.keys;
        assert_int_equal(keys.len, TICKET_SOURCE_BYTES);
        assert_memory_equal(keys.at + TLS_TICKET_KEY_BYTES, before, TLS_TICKET_KEY_BYTES);
        assert_memory_not_equal(keys.at, before, TLS_TICKET_KEY_BYTES);
    }
    assert_memory_not_equal(before, before + TLS_TICKET_KEY_BYTES, TLS_TICKET_KEY_BYTES);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(plain_with_the_right_password_is_accepted),
        SCENE(login_asks_for_both_and_is_accepted),
        SCENE(wrong_password_and_unknown_user_are_refused_alike),
        SCENE(an_account_without_verifier_is_refused),
        SCENE(nobody_acts_for_another),
        SCENE(a_proven_password_is_accepted),
        SCENE(what_is_not_proven_is_refused),
        SCENE(names_cannot_be_probed),
        SCENE(a_verifier_of_before_takes_passwords_and_no_proofs),
        SCENE(malformed_and_unknown_exchanges_end),
        SCENE(an_edge_reaches_its_own_sessions_only),
        SCENE(an_abandoned_login_is_not_answered),
        SCENE(without_a_hub_logins_are_unavailable),
        SCENE(a_verifier_that_does_not_open_is_unavailable_and_logged),
        SCENE(an_edge_that_ends_takes_its_logins_along),
        SCENE(silent_exchanges_are_forgotten),
        SCENE(the_logins_of_an_edge_have_a_ceiling),
        SCENE(a_broken_frame_ends_the_edge_alone),
        SCENE(a_made_verifier_lets_its_password_in),
        SCENE(a_credential_is_the_password_itself_and_nobody_elses),
        SCENE(mail_keys_sign_digests_of_mail_alone),
        SCENE(a_key_that_is_too_small_is_not_made),
        SCENE(an_unfit_password_makes_no_verifier),
        SCENE(another_hub_does_not_get_the_answers_of_the_first),
        SCENE(ticket_keys_rotate_and_reach_every_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
