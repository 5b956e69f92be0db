/* SPDX-License-Identifier: Apache-2.0 */
/* The client against our own server: who gets in, and which servers are not believed. */
#include "sasl/client.h"
#include "sasl/server.h"

#include "base/base64.h"
#include "support/rows.h"

#include <gsasl.h>
#include <string.h>

static struct sasl_keys keys; /* of "secret" */

static int set_up(void **state)
{
    (void)state;
    char salted_password[SASL_KEY_BYTES], client_key[SASL_KEY_BYTES];
    keys = (struct sasl_keys){.iterations = 4096, .salt = "salt of 16 bytes"};
    return gsasl_scram_secrets_from_password(
        GSASL_HASH_SHA256, "secret", keys.iterations, (const char *)keys.salt, sizeof keys.salt,
        salted_password, client_key, (char *)keys.server_key, (char *)keys.stored_key);
}

/* --- whole exchanges --- */

struct exchange {
    const char *row, *mechanism, *password;
    enum sasl_outcome server;
    enum sasl_client_outcome client; /* the last of each */
};

/* clang-format off */
static const struct exchange exchanges[] = {
    {"plain", "PLAIN", "secret", SASL_VERIFY, SASL_CLIENT_LAST_MESSAGE},
    {"login", "LOGIN", "secret", SASL_VERIFY, SASL_CLIENT_LAST_MESSAGE},
    {"login, in small letters", "login", "secret", SASL_VERIFY, SASL_CLIENT_LAST_MESSAGE},
    {"scram", "SCRAM-SHA-256", "secret", SASL_PROVEN, SASL_CLIENT_LAST_MESSAGE},
    {"scram, wrong password", "SCRAM-SHA-256", "Secret", SASL_REFUSED, SASL_CLIENT_MESSAGE},
    {"plain, not ASCII", "PLAIN", "p\xc3\xa4ss", SASL_VERIFY, SASL_CLIENT_LAST_MESSAGE},
};
/* clang-format on */

static enum sasl_outcome serve(struct sasl_server *server, struct slice message, bool has_message,
                               struct text *challenge)
{
    enum sasl_outcome outcome = sasl_server_step(server, message, has_message, challenge);
    return outcome == SASL_LOOK_UP ? sasl_server_keys(server, &keys, challenge) : outcome;
}

static void run(const struct exchange *x)
{
    char said[SASL_MESSAGE_MAX], asked[SASL_MESSAGE_MAX];
    struct text message = text_over(said, sizeof said), challenge = text_over(asked, sizeof asked);
    struct sasl_client *client;
    struct sasl_server *server;
    assert_int_equal(
        sasl_client_begin(slice_of(x->mechanism), SLICE("anna"), slice_of(x->password), &client),
        SASL_CLIENT_BEGUN);
    assert_int_equal(sasl_server_begin(slice_of(x->mechanism), (struct slice){0}, &server),
                     SASL_BEGIN_OK);
    enum sasl_client_outcome mine = SASL_CLIENT_MESSAGE;
    enum sasl_outcome theirs = SASL_CHALLENGE;
    for (size_t i = 0; i < 6 && theirs == SASL_CHALLENGE && mine != SASL_CLIENT_FAILED; i++) {
        mine = sasl_client_step(client, text_slice(&challenge), i > 0, &message);
        theirs = serve(server, text_slice(&message), mine != SASL_CLIENT_NO_MESSAGE, &challenge);
    }
    row_expect(x->row, "server", (long long)theirs, (long long)x->server);
    row_expect(x->row, "client", (long long)mine, (long long)x->client);
    if (theirs == SASL_VERIFY) {
        row_expect_slice(x->row, sasl_server_credentials(server).authcid, SLICE("anna"));
        row_expect_slice(x->row, sasl_server_credentials(server).password, slice_of(x->password));
    }
    sasl_client_free(client);
    sasl_server_free(server);
}

static void exchanges_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exchanges); i++)
        run(&exchanges[i]);
}

/* --- servers that are not believed --- */

/* `tail` stands behind our nonce and theirs. */
static const struct liar {
    const char *row, *tail;
    enum sasl_client_outcome outcome;
} liars[] = {
    {"as it should be", ",s=c2FsdA==,i=4096", SASL_CLIENT_MESSAGE},
    {"hashed once", ",s=c2FsdA==,i=1", SASL_CLIENT_FAILED},
    {"hashed too seldom", ",s=c2FsdA==,i=4095", SASL_CLIENT_FAILED},
    {"hashed for ever", ",s=c2FsdA==,i=1000001", SASL_CLIENT_FAILED},
    {"a great number", ",s=c2FsdA==,i=99999999999999999999", SASL_CLIENT_FAILED},
    {"a count below zero", ",s=c2FsdA==,i=-1", SASL_CLIENT_FAILED},
    {"two counts", ",s=c2FsdA==,i=1,i=4096", SASL_CLIENT_FAILED},
    {"the count elsewhere", ",i=4096,s=c2FsdA==", SASL_CLIENT_FAILED},
    {"no salt", ",s=,i=4096", SASL_CLIENT_FAILED},
    {"no count", ",s=c2FsdA==", SASL_CLIENT_FAILED},
};

static struct sasl_client *begun(struct text *message)
{
    struct sasl_client *client;
    assert_int_equal(
        sasl_client_begin(SLICE("SCRAM-SHA-256"), SLICE("anna"), SLICE("secret"), &client),
        SASL_CLIENT_BEGUN);
    assert_int_equal(sasl_client_step(client, (struct slice){0}, false, message),
                     SASL_CLIENT_MESSAGE);
    return client;
}

/* Behind "n,,n=anna,r=" */
static void append_server_first(struct text *challenge, const struct text *message,
                                const char *tail)
{
    text_clear(challenge);
    text_append_c(challenge, "r=");
    text_append(challenge, slice_after(text_slice(message), 12));
    text_append_c(challenge, "server");
    text_append_c(challenge, tail);
}

static void counts_are_bounded(void **state)
{
    (void)state;
    char said[SASL_MESSAGE_MAX], asked[SASL_MESSAGE_MAX];
    struct text message = text_over(said, sizeof said), challenge = text_over(asked, sizeof asked);
    for (size_t i = 0; i < COUNT_OF(liars); i++) {
        struct sasl_client *client = begun(&message);
        append_server_first(&challenge, &message, liars[i].tail);
        row_expect(liars[i].row, "outcome",
                   (long long)sasl_client_step(client, text_slice(&challenge), true, &message),
                   (long long)liars[i].outcome);
        row_expect(liars[i].row, "message", message.len > 0,
                   liars[i].outcome == SASL_CLIENT_MESSAGE);
        sasl_client_free(client);
    }
}

static void a_server_that_proves_nothing_is_not_believed(void **state)
{
    (void)state;
    char said[SASL_MESSAGE_MAX], asked[SASL_MESSAGE_MAX];
    struct text message = text_over(said, sizeof said), challenge = text_over(asked, sizeof asked);
    struct sasl_client *client = begun(&message);
    append_server_first(&challenge, &message, ",s=c2FsdA==,i=4096");
    assert_int_equal(sasl_client_step(client, text_slice(&challenge), true, &message),
                     SASL_CLIENT_MESSAGE);
    assert_int_equal(sasl_client_step(client,
                                      SLICE("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), true,
                                      &message),
                     SASL_CLIENT_FAILED);
    assert_int_equal(sasl_client_step(client, (struct slice){0}, true, &message),
                     SASL_CLIENT_FAILED);
    sasl_client_free(client);
}

static void what_cannot_begin_does_not(void **state)
{
    (void)state;
    struct sasl_client *client;
    char long_name[SASL_CLIENT_NAME_MAX + 1];
    memset(long_name, 'a', sizeof long_name);
    assert_int_equal(sasl_client_begin(SLICE("NTLM"), SLICE("a"), SLICE("b"), &client),
                     SASL_CLIENT_UNKNOWN);
    assert_int_equal(sasl_client_begin(SLICE("PLAIN"), SLICE(""), SLICE("b"), &client),
                     SASL_CLIENT_UNFIT);
    assert_int_equal(sasl_client_begin(SLICE("PLAIN"), SLICE("a"), SLICE(""), &client),
                     SASL_CLIENT_UNFIT);
    assert_int_equal(sasl_client_begin(SLICE("PLAIN"), SLICE("a\0b"), SLICE("b"), &client),
                     SASL_CLIENT_UNFIT);
    assert_int_equal(sasl_client_begin(SLICE("PLAIN"), slice_bytes(long_name, sizeof long_name),
                                       SLICE("b"), &client),
                     SASL_CLIENT_UNFIT);
    assert_null(client);
    sasl_client_free(client);
}

static void every_mechanism_can_begin(void **state)
{
    (void)state;
    for (size_t i = 0; sasl_client_mechanism(i); i++) {
        struct sasl_client *client;
        assert_int_equal(
            sasl_client_begin(slice_of(sasl_client_mechanism(i)), SLICE("a"), SLICE("b"), &client),
            SASL_CLIENT_BEGUN);
        sasl_client_free(client);
    }
}

/* LOGIN: some servers take no initial response. */
static void login_waits_to_be_asked(void **state)
{
    (void)state;
    char said[SASL_MESSAGE_MAX];
    struct text message = text_over(said, sizeof said);
    struct sasl_client *client;
    assert_int_equal(sasl_client_begin(SLICE("LOGIN"), SLICE("a"), SLICE("b"), &client),
                     SASL_CLIENT_BEGUN);
    assert_int_equal(sasl_client_step(client, SLICE(""), false, &message), SASL_CLIENT_NO_MESSAGE);
    assert_int_equal(sasl_client_step(client, SLICE("User Name\0"), true, &message),
                     SASL_CLIENT_FAILED); /* NUL is in no prompt */
    sasl_client_free(client);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_go_as_written),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(a_server_that_proves_nothing_is_not_believed),
        cmocka_unit_test(what_cannot_begin_does_not),
        cmocka_unit_test(login_waits_to_be_asked),
        cmocka_unit_test(every_mechanism_can_begin),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
