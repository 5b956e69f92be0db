/* SPDX-License-Identifier: Apache-2.0 */
/* A login from end to end, in memory: our SASL client in our sending session, our SASL server
 * behind our receiving one. */
#include "base/base64.h"
#include "sasl/client.h"
#include "sasl/server.h"
#include "smtp/line.h"
#include "smtp/send_session.h"
#include "support/rows.h"

#include <gsasl.h>

enum { PIPE_MAX = 1 << 16 };

static const struct login {
    const char *row, *mechanism, *password;
    enum send_end end;
    unsigned code; /* of the answer that ended it */
    bool tampered; /* the server's last proof is changed on its way */
} logins[] = {
    {"plain", "PLAIN", "secret", SEND_END_QUIT, 0, false},
    {"login", "LOGIN", "secret", SEND_END_QUIT, 0, false},
    {"scram", "SCRAM-SHA-256", "secret", SEND_END_QUIT, 0, false},
    {"plain, wrong", "PLAIN", "Secret", SEND_END_AUTH_FAILED, 535, false},
    {"login, wrong", "LOGIN", "Secret", SEND_END_AUTH_FAILED, 535, false},
    {"scram, wrong", "SCRAM-SHA-256", "Secret", SEND_END_AUTH_FAILED, 535, false},
    {"scram, another server", "SCRAM-SHA-256", "secret", SEND_END_AUTH_FAILED, 451, true},
};

struct stage {
    const struct login *login;
    struct send_session us;
    struct session them;
    struct line_framer framer;
    struct text input, output; /* theirs */
    struct sasl_client *client;
    struct sasl_server *server;
};

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

/* --- they --- */

static enum session_auth_answer judge(struct stage *stage, struct slice message, bool has_message,
                                      struct text *challenge)
{
    enum sasl_outcome outcome = sasl_server_step(stage->server, message, has_message, challenge);
    if (outcome == SASL_LOOK_UP)
        outcome = sasl_server_keys(stage->server, &keys, challenge);
    if (outcome == SASL_VERIFY)
        outcome = slice_equal(sasl_server_credentials(stage->server).password, SLICE("secret"))
                      ? SASL_PROVEN
                      : SASL_REFUSED;
    if (stage->login->tampered && slice_starts(text_slice(challenge), SLICE("v=")))
        challenge->at[5] ^= 1;
    return outcome == SASL_CHALLENGE ? SESSION_AUTH_CHALLENGE
           : outcome == SASL_PROVEN  ? SESSION_AUTH_ACCEPTED
                                     : SESSION_AUTH_REFUSED;
}

static void answer_auth(struct stage *stage)
{
    const struct session_auth *auth = session_auth(&stage->them);
    char said[SASL_MESSAGE_MAX], asked[SASL_MESSAGE_MAX];
    struct text message = text_over(said, sizeof said), challenge = text_over(asked, sizeof asked);
    if (auth->mechanism.len)
        assert_int_equal(sasl_server_begin(auth->mechanism, (struct slice){0}, &stage->server),
                         SASL_BEGIN_OK);
    assert_true(base64_decode(auth->encoded, &message));
    enum session_auth_answer answer =
        judge(stage, text_slice(&message), auth->has_message, &challenge);
    session_answer_auth(&stage->them, answer, text_slice(&challenge), 0, &stage->output);
}

static void they_hear(struct stage *stage, struct slice bytes)
{
    assert_true(text_append(&stage->input, bytes));
    struct slice rest = text_slice(&stage->input), line;
    while (stage->them.want == SESSION_WANT_LINE &&
           line_take(&stage->framer, &rest, SESSION_LINE_MAX, &line) == LINE_COMPLETE)
        if (session_line(&stage->them, line, 0, &stage->output) == SESSION_WANT_AUTH)
            answer_auth(stage);
    text_consume(&stage->input, stage->input.len - rest.len);
}

/* --- we --- */

static void step_client(struct stage *stage)
{
    static const enum send_auth_answer answers[] = {
        [SASL_CLIENT_MESSAGE] = SEND_AUTH_MESSAGE,
        [SASL_CLIENT_LAST_MESSAGE] = SEND_AUTH_LAST_MESSAGE,
        [SASL_CLIENT_NO_MESSAGE] = SEND_AUTH_NO_MESSAGE,
        [SASL_CLIENT_FAILED] = SEND_AUTH_CANCEL,
    };
    struct send_auth auth = send_session_auth(&stage->us);
    char storage[SEND_AUTH_MAX];
    struct text message = text_over(storage, sizeof storage);
    if (auth.first)
        assert_int_equal(sasl_client_begin(auth.mechanism, SLICE("anna"),
                                           slice_of(stage->login->password), &stage->client),
                         SASL_CLIENT_BEGUN);
    enum sasl_client_outcome outcome =
        sasl_client_step(stage->client, auth.challenge, !auth.first, &message);
    send_session_answer_auth(&stage->us, answers[outcome], text_slice(&message));
}

static void talk(struct stage *stage)
{
    for (size_t turns = 0; stage->us.want != SEND_WANT_CLOSE; turns++) {
        assert_true(turns < 100);
        struct slice said = send_session_output(&stage->us);
        they_hear(stage, said);
        send_session_output_sent(&stage->us, said.len);
        if (stage->us.want == SEND_WANT_AUTH)
            step_client(stage);
        else if (stage->us.want == SEND_WANT_TRANSACTION)
            send_session_quit(&stage->us);
        else {
            send_session_feed(&stage->us, text_slice(&stage->output));
            text_clear(&stage->output);
        }
    }
}

static void run(const struct login *login)
{
    static const struct session_policy theirs = {.fqdn = SLICE_INIT("mail.example"),
                                                 .recipients_max = 10,
                                                 .basic_auth = true,
                                                 .scram = true};
    struct slice mechanism = slice_of(login->mechanism);
    struct send_policy ours = {
        .hello_name = SLICE("us.example"), .mechanisms = &mechanism, .mechanisms_count = 1};
    struct stage stage = {.login = login,
                          .input = text_with_ceiling(PIPE_MAX),
                          .output = text_with_ceiling(PIPE_MAX)};
    session_begin(&stage.them, &theirs, (struct ip_address){0}, false, SLICE("date"), 0,
                  &stage.output);
    send_session_begin(&stage.us, &ours, false);
    talk(&stage);
    row_expect(login->row, "end", (long long)stage.us.ending.end, (long long)login->end);
    row_expect(login->row, "code", stage.us.ending.answer.code, login->code);
    row_expect(login->row, "authenticated", stage.us.authenticated, login->end == SEND_END_QUIT);
    row_expect(login->row, "known to them", stage.them.authenticated, login->end == SEND_END_QUIT);
    send_session_end(&stage.us);
    sasl_client_free(stage.client);
    sasl_server_free(stage.server);
    text_deinit(&stage.input);
    text_deinit(&stage.output);
}

static void logins_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(logins); i++)
        run(&logins[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(logins_go_as_written)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
