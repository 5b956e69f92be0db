/* SPDX-License-Identifier: Apache-2.0 */
/* reserved_domain: which names are reserved, and which only look like it. */
#include "support/rows.h"

#include "base/attributes.h"
#include "mail/reserved_domain.h"

static void names_are_reserved_with_all_that_is_below_them(void **state)
{
    (void)state;
    enum {
        TOP = RESERVED_DOMAIN_TOP_LEVEL,
        SECOND = RESERVED_DOMAIN_SECOND_LEVEL,
        SINGLE = RESERVED_DOMAIN_SINGLE_LABEL
    };
    static const struct {
        const char *domain;
        unsigned kinds;
    } rows[] = {
        {"contoso.com", 0},
        {"contoso.test", TOP},
        {"a.b.contoso.Example", TOP},
        {"contoso.INVALID.", TOP},
        {"contoso.localhost", TOP},
        {"localhost", TOP | SINGLE},
        {"test.", TOP | SINGLE},
        {"intranet", SINGLE},
        {"intranet.", SINGLE},
        {"example.com", SECOND},
        {"EXAMPLE.Org.", SECOND},
        {"a.b.example.net", SECOND},
        {"myexample.com", 0},
        {"example.com.contoso.com", 0},
        {"example.de", 0},
        {"contest", SINGLE},
        {"contoso.contest", 0},
        {"test.contoso.com", 0},
        {"[192.0.2.1]", 0},
        {"[IPv6:2001:db8::1]", 0},
        {"", 0},
        {".", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].domain, "kinds", reserved_domain_kinds(slice_of(rows[i].domain)),
                   rows[i].kinds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_reserved_with_all_that_is_below_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
