/* SPDX-License-Identifier: Apache-2.0 */
/* SCRAM-SHA-256 and its PLUS against the client of the library: who is proven, who is refused. */
#include "sasl/server.h"

#include "unit/sasl/client.h"

#include <string.h>

enum { ITERATIONS = 64 };

static const struct slice here = SLICE_INIT("0123456789abcdef0123456789abcdef");
static const struct slice elsewhere = SLICE_INIT("another session of the same host");

static struct sasl_keys keys; /* of "secret" */

static int set_up(void **state)
{
    (void)state;
    char salted_password[SASL_KEY_BYTES], client_key[SASL_KEY_BYTES];
    keys = (struct sasl_keys){.iterations = ITERATIONS, .salt = "salt of 16 bytes"};
    assert_int_equal(gsasl_init(&client_library), GSASL_OK);
    return gsasl_scram_secrets_from_password(
        GSASL_HASH_SHA256, "secret", ITERATIONS, (const char *)keys.salt, sizeof keys.salt,
        salted_password, client_key, (char *)keys.server_key, (char *)keys.stored_key);
}

static int tear_down(void **state)
{
    (void)state;
    gsasl_done(client_library);
    return 0;
}

/* --- whole exchanges --- */

struct exchange {
    const char *row, *mechanism, *client_mechanism, *authzid, *password;
    bool offered, binds, binds_elsewhere; /* PLUS was offered; the client has a binding */
    size_t steps;                         /* of the server, until its last outcome */
    enum sasl_outcome last;
};

/* clang-format off */
static const struct exchange exchanges[] = {
    {.row = "right", .mechanism = "SCRAM-SHA-256", .steps = 3, .last = SASL_PROVEN},
    {.row = "right, in small letters", .mechanism = "scram-sha-256", .client_mechanism = "SCRAM-SHA-256", .steps = 3, .last = SASL_PROVEN},
    {.row = "wrong password", .mechanism = "SCRAM-SHA-256", .password = "Secret", .steps = 2, .last = SASL_REFUSED},
    {.row = "PLUS", .mechanism = "SCRAM-SHA-256-PLUS", .offered = true, .binds = true, .steps = 3, .last = SASL_PROVEN},
    {.row = "PLUS, wrong password", .mechanism = "SCRAM-SHA-256-PLUS", .password = "x", .offered = true, .binds = true, .steps = 2, .last = SASL_REFUSED},
    {.row = "PLUS, bound elsewhere", .mechanism = "SCRAM-SHA-256-PLUS", .offered = true, .binds_elsewhere = true, .steps = 2, .last = SASL_REFUSED},
    {.row = "PLUS, never offered", .mechanism = "SCRAM-SHA-256-PLUS", .binds = true, .steps = 1, .last = SASL_REFUSED},
    {.row = "PLUS without a binding", .mechanism = "SCRAM-SHA-256-PLUS", .client_mechanism = "SCRAM-SHA-256", .offered = true, .steps = 1, .last = SASL_REFUSED},
    {.row = "a binding without PLUS", .mechanism = "SCRAM-SHA-256", .client_mechanism = "SCRAM-SHA-256-PLUS", .binds = true, .steps = 1, .last = SASL_REFUSED},
    {.row = "a client that cannot bind", .mechanism = "SCRAM-SHA-256", .offered = true, .steps = 3, .last = SASL_PROVEN},
    {.row = "for another", .mechanism = "SCRAM-SHA-256", .authzid = "boss", .steps = 3, .last = SASL_PROVEN},
};
/* clang-format on */

/* One step, and the keys where they are asked for. */
static enum sasl_outcome feed(struct sasl_server *server, struct slice message,
                              struct text *challenge)
{
    enum sasl_outcome outcome = sasl_server_step(server, message, true, challenge);
    return outcome == SASL_LOOK_UP ? sasl_server_keys(server, &keys, challenge) : outcome;
}

static void run(const struct exchange *x)
{
    struct sasl_server *server;
    struct client client;
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    struct slice bound = x->binds ? here : x->binds_elsewhere ? elsewhere : (struct slice){0};
    client_begin(&client, x->client_mechanism ? x->client_mechanism : x->mechanism, "ann\xc2\xaa",
                 x->authzid, x->password ? x->password : "secret", bound);
    assert_int_equal(
        sasl_server_begin(slice_of(x->mechanism), x->offered ? here : (struct slice){0}, &server),
        SASL_BEGIN_OK);
    for (size_t i = 0; i < x->steps; i++) {
        enum sasl_outcome outcome =
            feed(server, client_step(&client, text_slice(&challenge)), &challenge);
        row_expect(x->row, "outcome", (long long)outcome,
                   (long long)(i + 1 == x->steps ? x->last : SASL_CHALLENGE));
    }
    if (x->last == SASL_PROVEN) {
        struct sasl_credentials seen = sasl_server_credentials(server);
        row_expect(x->row, "the client believes the server", client.result, GSASL_OK);
        row_expect_slice(x->row, seen.authcid, SLICE("anna"));
        row_expect_slice(x->row, seen.authzid, slice_of(x->authzid));
        row_expect(x->row, "acts for another", seen.acts_for_another, x->authzid != NULL);
        row_expect(x->row, "password", (long long)seen.password.len, 0);
    }
    row_expect(x->row, "behind the end", (long long)feed(server, SLICE("n,,n=a,r=b"), &challenge),
               SASL_MALFORMED);
    client_end(&client);
    sasl_server_free(server);
}

static void exchanges_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exchanges); i++)
        run(&exchanges[i]);
}

/* --- messages one by one --- */

static struct sasl_server *begun(void)
{
    struct sasl_server *server;
    assert_int_equal(sasl_server_begin(SLICE("SCRAM-SHA-256"), (struct slice){0}, &server),
                     SASL_BEGIN_OK);
    return server;
}

static void first_messages_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        struct slice message;
        enum sasl_outcome outcome;
    } rows[] = {
        {SLICE_INIT("n,,n=anna,r=abc"), SASL_LOOK_UP},
        {SLICE_INIT("y,,n=anna,r=abc"), SASL_LOOK_UP},
        {SLICE_INIT("n,a=boss,n=anna,r=abc"), SASL_LOOK_UP},
        {SLICE_INIT("n,,n=an=2Cna=3D,r=abc"), SASL_LOOK_UP},
        {SLICE_INIT(""), SASL_MALFORMED},
        {SLICE_INIT("n"), SASL_MALFORMED},
        {SLICE_INIT("x,,n=anna,r=abc"), SASL_MALFORMED},
        {SLICE_INIT("n,,n=anna"), SASL_MALFORMED},
        {SLICE_INIT("n,,n=,r=abc"), SASL_MALFORMED},
        {SLICE_INIT("n,,n=anna,r="), SASL_MALFORMED},
        {SLICE_INIT("n,,m=must,n=anna,r=abc"), SASL_MALFORMED},
        {SLICE_INIT("n,,n=anna\0,r=abc"), SASL_MALFORMED},
        {SLICE_INIT("p=tls-exporter,,n=anna,r=abc"), SASL_REFUSED},
        {SLICE_INIT("n,,n=anna\r\n,r=abc"), SASL_REFUSED}, /* not a name in SASLprep */
    };
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sasl_server *server = begun();
        row_expect(rows[i].message.at, "outcome",
                   (long long)sasl_server_step(server, rows[i].message, true, &challenge),
                   (long long)rows[i].outcome);
        assert_int_equal(challenge.len, 0);
        sasl_server_free(server);
    }
}

/* RFC 5802 6: "y" is a client that could have bound, and was told that the server cannot. */
static void a_client_that_was_lied_to_is_refused(void **state)
{
    (void)state;
    static const struct {
        bool offered;
        struct slice message;
        enum sasl_outcome outcome;
    } rows[] = {
        {true, SLICE_INIT("y,,n=anna,r=abc"), SASL_REFUSED},
        {true, SLICE_INIT("n,,n=anna,r=abc"), SASL_LOOK_UP},
        {false, SLICE_INIT("y,,n=anna,r=abc"), SASL_LOOK_UP},
    };
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sasl_server *server;
        assert_int_equal(sasl_server_begin(SLICE("SCRAM-SHA-256"),
                                           rows[i].offered ? here : (struct slice){0}, &server),
                         SASL_BEGIN_OK);
        row_expect(rows[i].message.at, "outcome",
                   (long long)sasl_server_step(server, rows[i].message, true, &challenge),
                   (long long)rows[i].outcome);
        sasl_server_free(server);
    }
}

static void the_server_may_be_asked_first(void **state)
{
    (void)state;
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_server *server = begun();
    assert_int_equal(sasl_server_step(server, (struct slice){0}, false, &challenge),
                     SASL_CHALLENGE);
    assert_int_equal(challenge.len, 0);
    assert_int_equal(feed(server, SLICE("n,,n=anna,r=abc"), &challenge), SASL_CHALLENGE);
    assert_true(slice_starts(text_slice(&challenge), SLICE("r=abc")));
    assert_true(slice_ends_nocase(text_slice(&challenge), SLICE(",i=64")));
    assert_int_equal(sasl_server_step(server, SLICE("c=biws,r=abc,p=AAAA"), true, &challenge),
                     SASL_REFUSED); /* a nonce of its own */
    sasl_server_free(server);
}

/* No step but the next one, and nothing in place of the empty last message. */
static void steps_keep_their_order(void **state)
{
    (void)state;
    char storage[SASL_MESSAGE_MAX];
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_server *server = begun();
    assert_int_equal(sasl_server_keys(server, &keys, &challenge), SASL_MALFORMED);
    sasl_server_free(server);

    server = begun();
    assert_int_equal(sasl_server_step(server, SLICE("n,,n=anna,r=abc"), true, &challenge),
                     SASL_LOOK_UP);
    assert_int_equal(sasl_server_step(server, SLICE("n,,n=anna,r=abc"), true, &challenge),
                     SASL_MALFORMED);
    sasl_server_free(server);

    struct client client;
    server = begun();
    client_begin(&client, "SCRAM-SHA-256", "anna", NULL, "secret", (struct slice){0});
    text_clear(&challenge);
    assert_int_equal(feed(server, client_step(&client, (struct slice){0}), &challenge),
                     SASL_CHALLENGE);
    assert_int_equal(feed(server, client_step(&client, text_slice(&challenge)), &challenge),
                     SASL_CHALLENGE);
    assert_true(slice_starts(text_slice(&challenge), SLICE("v=")));
    assert_int_equal(feed(server, SLICE("x"), &challenge), SASL_MALFORMED);
    client_end(&client);
    sasl_server_free(server);
}

static void long_messages_are_refused(void **state)
{
    (void)state;
    char bytes[SASL_MESSAGE_MAX + 1], storage[16];
    struct text challenge = text_over(storage, sizeof storage);
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "n,,n=anna,r=", 12);
    struct sasl_server *server = begun();
    assert_int_equal(sasl_server_step(server, slice_bytes(bytes, sizeof bytes), true, &challenge),
                     SASL_MALFORMED);
    sasl_server_free(server);
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "n,,n=", 5);
    memcpy(bytes + SASL_IDENTITY_MAX + 6, ",r=abc", 6);
    server = begun();
    assert_int_equal(
        sasl_server_step(server, slice_bytes(bytes, SASL_IDENTITY_MAX + 12), true, &challenge),
        SASL_MALFORMED);
    sasl_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_go_as_written),
        cmocka_unit_test(first_messages_are_read_strictly),
        cmocka_unit_test(a_client_that_was_lied_to_is_refused),
        cmocka_unit_test(the_server_may_be_asked_first),
        cmocka_unit_test(steps_keep_their_order),
        cmocka_unit_test(long_messages_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
