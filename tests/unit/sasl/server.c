/* SPDX-License-Identifier: Apache-2.0 */
/* PLAIN and LOGIN as step functions: what is asked, what is taken, what is refused. */
#include "sasl/server.h"
#include "sasl/prepare.h"

#include "support/rows.h"

#include <string.h>

#define NO_MESSAGE                                                                                 \
    {                                                                                              \
        NULL, 0                                                                                    \
    }
enum { STEPS_MAX = 4 };

struct exchange {
    const char *row, *mechanism;
    struct slice messages[STEPS_MAX]; /* NULL at: no message in that step */
    size_t steps;
    struct slice challenges[STEPS_MAX]; /* of the steps before the last */
    enum sasl_outcome last;
    struct slice authcid, authzid, password;
    bool acts_for_another;
};

/* clang-format off */
static const struct exchange exchanges[] = {
    {.row = "plain at once", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\0secret")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "plain in lower case", .mechanism = "plain", .messages = {SLICE_INIT("\0anna\0secret")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "plain asked", .mechanism = "PLAIN", .messages = {NO_MESSAGE, SLICE_INIT("\0anna\0secret")}, .steps = 2,
     .challenges = {SLICE_INIT("")}, .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "plain as oneself", .mechanism = "PLAIN", .messages = {SLICE_INIT("anna\0anna\0secret")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "plain for another", .mechanism = "PLAIN", .messages = {SLICE_INIT("boss\0anna\0secret")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .authzid = SLICE_INIT("boss"), .password = SLICE_INIT("secret"),
     .acts_for_another = true},
    {.row = "plain for another case", .mechanism = "PLAIN", .messages = {SLICE_INIT("Anna\0anna\0secret")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .authzid = SLICE_INIT("Anna"), .password = SLICE_INIT("secret"),
     .acts_for_another = true},
    {.row = "injection is only a name", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0' OR '1'='1%n\0*)(uid=*")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("' OR '1'='1%n"), .password = SLICE_INIT("*)(uid=*")},
    {.row = "plain is prepared", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0an\xc2\xaa\0a\xc2\xa0" "b")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("ana"), .password = SLICE_INIT("a b")},
    {.row = "login is prepared", .mechanism = "LOGIN", .messages = {SLICE_INIT("an\xc2\xaa"), SLICE_INIT("a\xc2\xa0" "b")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_VERIFY, .authcid = SLICE_INIT("ana"), .password = SLICE_INIT("a b")},
    {.row = "plain, control characters", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\r\n\0secret")}, .steps = 1,
     .last = SASL_MALFORMED},
    {.row = "login, control characters", .mechanism = "LOGIN", .messages = {SLICE_INIT("anna\r\n"), SLICE_INIT("secret")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_MALFORMED},
    {.row = "plain, no UTF-8", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\0\xff")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "login, no UTF-8", .mechanism = "LOGIN", .messages = {SLICE_INIT("anna"), SLICE_INIT("\xff")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_MALFORMED},
    {.row = "utf-8", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0\xc3\xa4nna\0p\xc3\xa4ss")}, .steps = 1,
     .last = SASL_VERIFY, .authcid = SLICE_INIT("\xc3\xa4nna"), .password = SLICE_INIT("p\xc3\xa4ss")},
    {.row = "plain without NUL", .mechanism = "PLAIN", .messages = {SLICE_INIT("annasecret")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain with one NUL", .mechanism = "PLAIN", .messages = {SLICE_INIT("anna\0secret")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain with a NUL too many", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\0sec\0ret")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain with a NUL behind", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\0secret\0")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain of NULs", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0\0\0\0\0\0\0\0\0\0")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain without a name", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0\0secret")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain without a password", .mechanism = "PLAIN", .messages = {SLICE_INIT("\0anna\0")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain, empty initial response", .mechanism = "PLAIN", .messages = {SLICE_INIT("")}, .steps = 1, .last = SASL_MALFORMED},
    {.row = "plain, empty answer", .mechanism = "PLAIN", .messages = {NO_MESSAGE, SLICE_INIT("")}, .steps = 2,
     .challenges = {SLICE_INIT("")}, .last = SASL_MALFORMED},
    {.row = "login asked", .mechanism = "LOGIN", .messages = {NO_MESSAGE, SLICE_INIT("anna"), SLICE_INIT("secret")}, .steps = 3,
     .challenges = {SLICE_INIT("Username:"), SLICE_INIT("Password:")}, .last = SASL_VERIFY,
     .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "login with the name at once", .mechanism = "LOGIN", .messages = {SLICE_INIT("anna"), SLICE_INIT("secret")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_VERIFY, .authcid = SLICE_INIT("anna"), .password = SLICE_INIT("secret")},
    {.row = "login, NUL in the name", .mechanism = "LOGIN", .messages = {NO_MESSAGE, SLICE_INIT("an\0na")}, .steps = 2,
     .challenges = {SLICE_INIT("Username:")}, .last = SASL_MALFORMED},
    {.row = "login, NUL in the password", .mechanism = "LOGIN", .messages = {SLICE_INIT("anna"), SLICE_INIT("sec\0ret")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_MALFORMED},
    {.row = "login, no name", .mechanism = "LOGIN", .messages = {NO_MESSAGE, SLICE_INIT("")}, .steps = 2,
     .challenges = {SLICE_INIT("Username:")}, .last = SASL_MALFORMED},
    {.row = "login, no password", .mechanism = "LOGIN", .messages = {SLICE_INIT("anna"), SLICE_INIT("")}, .steps = 2,
     .challenges = {SLICE_INIT("Password:")}, .last = SASL_MALFORMED},
};
/* clang-format on */

static void run(const struct exchange *x)
{
    struct sasl_server *server;
    char storage[64];
    struct text challenge = text_over(storage, sizeof storage);
    assert_int_equal(sasl_server_begin(slice_of(x->mechanism), (struct slice){0}, &server),
                     SASL_BEGIN_OK);
    for (size_t i = 0; i < x->steps; i++) {
        struct slice message = x->messages[i];
        bool last = i + 1 == x->steps;
        enum sasl_outcome outcome =
            sasl_server_step(server, message, message.at != NULL, &challenge);
        row_expect(x->row, "outcome", (long long)outcome,
                   (long long)(last ? x->last : SASL_CHALLENGE));
        if (!last)
            row_expect_slice(x->row, text_slice(&challenge), x->challenges[i]);
    }
    struct sasl_credentials seen = sasl_server_credentials(server);
    row_expect_slice(x->row, seen.authcid, x->authcid);
    row_expect_slice(x->row, seen.authzid, x->authzid);
    row_expect_slice(x->row, seen.password, x->password);
    row_expect(x->row, "acts for another", seen.acts_for_another, x->acts_for_another);
    row_expect(x->row, "step after the end",
               (long long)sasl_server_step(server, SLICE("\0anna\0secret"), true, &challenge),
               SASL_MALFORMED);
    sasl_server_free(server);
}

static void exchanges_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(exchanges); i++)
        run(&exchanges[i]);
}

static void other_mechanisms_are_unknown(void **state)
{
    (void)state;
    const char *names[] = {"",     "PLAI",     "PLAINX",      "CRAM-MD5",  "DIGEST-MD5", "GSSAPI",
                           "NTLM", "EXTERNAL", "SCRAM-SHA-1", "ANONYMOUS", "LOGIN ",     "XOAUTH2"};
    struct sasl_server *server;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        row_expect(names[i], "begin",
                   sasl_server_begin(slice_of(names[i]), (struct slice){0}, &server),
                   SASL_BEGIN_UNKNOWN);
    assert_string_equal(sasl_server_mechanism(0), "SCRAM-SHA-256-PLUS");
    assert_string_equal(sasl_server_mechanism(3), "PLAIN");
    assert_null(sasl_server_mechanism(4));
}

static enum sasl_outcome outcome_of(const char *mechanism, struct slice first, struct slice second)
{
    char storage[16];
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_server *server;
    assert_int_equal(sasl_server_begin(slice_of(mechanism), (struct slice){0}, &server),
                     SASL_BEGIN_OK);
    enum sasl_outcome outcome = sasl_server_step(server, first, true, &challenge);
    if (second.len)
        outcome = sasl_server_step(server, second, true, &challenge);
    sasl_server_free(server);
    return outcome;
}

/* Whether characters newer than Unicode 3.2 may stand in a password is libgsasl's affair; what is
 * stored, PLAIN and LOGIN must agree. */
static void new_characters_are_treated_alike_everywhere(void **state)
{
    (void)state;
    char storage[64];
    struct text prepared = text_over(storage, sizeof storage);
    struct slice horse = SLICE("\xf0\x9f\x90\x8e");
    enum sasl_outcome expected = sasl_prepare(horse, &prepared) ? SASL_VERIFY : SASL_MALFORMED;
    assert_int_equal(outcome_of("PLAIN", SLICE("\0anna\0\xf0\x9f\x90\x8e"), SLICE("")), expected);
    assert_int_equal(outcome_of("LOGIN", SLICE("anna"), horse), expected);
}

/* A message "\0" name "\0" password of these lengths. */
static enum sasl_outcome plain_of(size_t authzid, size_t authcid, size_t password)
{
    char message[4096], storage[16];
    struct text text = text_over(message, sizeof message);
    struct text challenge = text_over(storage, sizeof storage);
    struct sasl_server *server;
    size_t const lengths[] = {authzid, authcid, password};
    for (size_t i = 0; i < 3; i++) {
        if (i)
            assert_true(text_append_byte(&text, '\0'));
        for (size_t k = 0; k < lengths[i]; k++)
            assert_true(text_append_byte(&text, 'x'));
    }
    assert_int_equal(sasl_server_begin(SLICE("PLAIN"), (struct slice){0}, &server), SASL_BEGIN_OK);
    enum sasl_outcome outcome = sasl_server_step(server, text_slice(&text), true, &challenge);
    sasl_server_free(server);
    return outcome;
}

static void parts_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(plain_of(SASL_IDENTITY_MAX, SASL_IDENTITY_MAX, SASL_PASSWORD_MAX),
                     SASL_VERIFY);
    assert_int_equal(plain_of(0, SASL_IDENTITY_MAX + 1, 1), SASL_MALFORMED);
    assert_int_equal(plain_of(SASL_IDENTITY_MAX + 1, 1, 1), SASL_MALFORMED);
    assert_int_equal(plain_of(0, 1, SASL_PASSWORD_MAX + 1), SASL_MALFORMED);
    assert_int_equal(plain_of(0, 1, 3000), SASL_MALFORMED);
}

static void an_exchange_may_be_given_up(void **state)
{
    (void)state;
    struct sasl_server *server;
    char storage[16];
    struct text challenge = text_over(storage, sizeof storage);
    assert_int_equal(sasl_server_begin(SLICE("LOGIN"), (struct slice){0}, &server), SASL_BEGIN_OK);
    sasl_server_free(server);
    assert_int_equal(sasl_server_begin(SLICE("LOGIN"), (struct slice){0}, &server), SASL_BEGIN_OK);
    assert_int_equal(sasl_server_step(server, SLICE("anna"), true, &challenge), SASL_CHALLENGE);
    assert_int_equal(sasl_server_credentials(server).authcid.len, 0);
    sasl_server_free(server);
    sasl_server_free(NULL);
}

static void stored_passwords_are_prepared_alike(void **state)
{
    (void)state;
    static const struct {
        struct slice written, prepared;
    } rows[] = {
        {SLICE_INIT("secret"), SLICE_INIT("secret")},
        {SLICE_INIT("Secret "), SLICE_INIT("Secret ")},
        {SLICE_INIT("a\xc2\xa0z"), SLICE_INIT("a z")},
        {SLICE_INIT("\xe2\x85\xa8"), SLICE_INIT("IX")},
        {SLICE_INIT("I\xc2\xadX"), SLICE_INIT("IX")},
        {SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT("\xc2\xad"), SLICE_INIT("")},
        {SLICE_INIT("a\x07"), SLICE_INIT("")},
        {SLICE_INIT("a\0b"), SLICE_INIT("")},
        {SLICE_INIT("\xc3"), SLICE_INIT("")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[64];
        struct text prepared = text_over(storage, sizeof storage);
        row_expect(rows[i].written.at, "prepared", sasl_prepare(rows[i].written, &prepared),
                   rows[i].prepared.len != 0);
        row_expect_slice(rows[i].written.at, text_slice(&prepared), rows[i].prepared);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_go_as_written),
        cmocka_unit_test(other_mechanisms_are_unknown),
        cmocka_unit_test(stored_passwords_are_prepared_alike),
        cmocka_unit_test(new_characters_are_treated_alike_everywhere),
        cmocka_unit_test(parts_are_bounded),
        cmocka_unit_test(an_exchange_may_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
