/* SPDX-License-Identifier: Apache-2.0 */
/* Which URLs may be asked, and whom they mean. */
#include "courier/https_url.h"

#include "base/attributes.h"
#include "support/rows.h"

static void urls_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        bool may_be_clear;
        const char *host; /* NULL: it may not be asked */
        unsigned port;
        bool address;
    } rows[] = {
        {"https://contoso.com/a", false, "contoso.com", 443, false},
        {"http://contoso.com", true, "contoso.com", 80, false},
        {"http://contoso.com", false, NULL, 0, false},
        {"HTTP://contoso.com:8080/a?b=c", true, "contoso.com", 8080, false},
        {"http://127.0.0.1/a", true, "127.0.0.1", 80, true},
        {"http://2130706433/", true, "127.0.0.1", 80, true}, /* the same, as a number */
        {"http://0x7f.1/", true, "127.0.0.1", 80, true},
        {"http://[::1]:81/", true, "[::1]", 81, true},
        {"ftp://contoso.com/", true, NULL, 0, false},
        {"file:///etc/passwd", true, NULL, 0, false},
        {"http://user@contoso.com/", true, NULL, 0, false},
        {"http://user:word@contoso.com/", true, NULL, 0, false},
        {"http://contoso.com/#part", true, NULL, 0, false},
        {"http://contoso.com:70000/", true, NULL, 0, false},
        {"contoso.com", true, NULL, 0, false},
        {"http://", true, NULL, 0, false},
        {"", true, NULL, 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct https_url url;
        struct ip_address address;
        bool good = https_url_read(slice_of(rows[i].written), rows[i].may_be_clear, &url);
        row_expect(rows[i].written, "may be asked", good, rows[i].host != NULL);
        if (!good)
            continue;
        row_expect_slice(rows[i].written, slice_of(url.host), slice_of(rows[i].host));
        row_expect(rows[i].written, "port", url.port, rows[i].port);
        row_expect(rows[i].written, "address", https_url_address(&url, &address), rows[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(urls_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
