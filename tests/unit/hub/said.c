/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/said: how LastError shows who said what. */
#include "hub/transport/said.h"

#include "support/rows.h"

enum { MOMENT_MS = 0 };

static void expect(struct said said, const char *wanted)
{
    char storage[4096];
    struct text text = text_over(storage, sizeof storage);
    assert_true(said_append(&text, &said, MOMENT_MS));
    assert_string_equal(text_c_string(&text), wanted);
}

static void our_own_words_stand_alone(void **state)
{
    (void)state;
    expect((struct said){.reply = SLICE("451 4.4.0 no way")}, "451 4.4.0 no way");
    expect((struct said){.reply = SLICE("")}, "");
}

static void a_server_is_named_with_its_address_and_the_moment(void **state)
{
    (void)state;
    struct said said = {.reply = SLICE("550 5.1.1 No such user"),
                        .remote_name = SLICE("mx.b.example")};
    assert_true(ip_parse(SLICE("192.0.2.1"), &said.remote_address));
    expect(said, "[{LED=550 5.1.1 No such user};{MSG=};{FQDN=mx.b.example};{IP=192.0.2.1};{LRT="
                 "1970-01-01T00:00:00.000Z}]");
}

static void without_a_server_the_domain_is_named(void **state)
{
    (void)state;
    expect((struct said){.reply = SLICE("450 4.4.3 no answer"),
                         .sent = {.connector = SLICE("Out"), .next_hop = SLICE("b.example")}},
           "[{LED=450 4.4.3 no answer};{MSG=};{FQDN=b.example};{IP=};{LRT="
           "1970-01-01T00:00:00.000Z}]");
}

/* Whatever a server says, the moment is ours. */
static void the_moment_is_found_again(void **state)
{
    (void)state;
    char storage[4096];
    struct text text = text_over(storage, sizeof storage);
    struct said said = {.reply = SLICE("450 {LRT=2000-01-01T00:00:00.000Z}]"),
                        .remote_name = SLICE("mx.b.example")};
    assert_true(said_append(&text, &said, 1548374638478));
    assert_int_equal(said_moment_ms(text_slice(&text)), 1548374638478);
    assert_int_equal(said_moment_ms(SLICE("")), 0);
    assert_int_equal(said_moment_ms(SLICE("451 4.4.0 no way")), 0);
    assert_int_equal(said_moment_ms(SLICE("{LRT=1970-01-01T00:00:00.000Z}")), 0);
    assert_int_equal(said_moment_ms(SLICE("{LRT=1970-01-01T00:00:00.xxxZ}]")), 0);
}

static void what_a_server_sent_stays_one_harmless_line(void **state)
{
    (void)state;
    expect((struct said){.reply = SLICE("550 one\ntwo\r\x1b[31m")}, "550 one two\\x0D\\x1B[31m");
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    char storage[8];
    struct text text = text_over(storage, sizeof storage);
    struct said said = {.reply = SLICE("550 5.1.1 No such user")};
    assert_false(said_append(&text, &said, MOMENT_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_words_stand_alone),
        cmocka_unit_test(a_server_is_named_with_its_address_and_the_moment),
        cmocka_unit_test(without_a_server_the_domain_is_named),
        cmocka_unit_test(the_moment_is_found_again),
        cmocka_unit_test(what_a_server_sent_stays_one_harmless_line),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
