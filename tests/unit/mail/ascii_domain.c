/* SPDX-License-Identifier: Apache-2.0 */
/* ascii_domain: two spellings, one name. */
#include "support/rows.h"

#include "mail/ascii_domain.h"

#include <string.h>

static void names_beyond_ascii_are_found_in_dns(void **state)
{
    (void)state;
    static const struct {
        const char *written, *ascii; /* NULL: there is none */
    } rows[] = {
        {"contoso.com", "contoso.com"},
        {"Contoso.COM", "Contoso.COM"},
        {"", ""},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example",
         "xn--bcher-kva.example"},
        {"bu\xcc\x88"
         "cher.example",
         "xn--bcher-kva.example"},                 /* not composed */
        {"\xef\xbd\x83ontoso.com", "contoso.com"}, /* a wide c */
        {"mail.\xe4\xbe\x8b\xe3\x81\x88.example", "mail.xn--r8jz45g.example"},
        {"\xff.example", NULL},
        {"\xcc\x88.example", NULL}, /* begins with a mark */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[ASCII_DOMAIN_MAX];
        struct text out = text_over(storage, sizeof storage);
        bool made = ascii_domain_append(&out, slice_of(rows[i].written));
        row_expect(rows[i].written, "made", made, rows[i].ascii != NULL);
        row_expect_slice(rows[i].written, text_slice(&out), slice_of(rows[i].ascii));
    }
}

static void what_is_too_long_or_cut_is_none(void **state)
{
    (void)state;
    char storage[ASCII_DOMAIN_MAX], written[2000];
    struct text out = text_over(storage, sizeof storage);
    memset(written, 0xc3, sizeof written);
    assert_false(ascii_domain_append(&out, slice_bytes(written, sizeof written)));
    assert_false(ascii_domain_append(&out, SLICE("b\xc3\xbc\0c.example")));
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_beyond_ascii_are_found_in_dns),
        cmocka_unit_test(what_is_too_long_or_cut_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
