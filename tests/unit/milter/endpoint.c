/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/endpoint.h"
#include "support/rows.h"

#include "base/attributes.h"
#include "base/text.h"

static void endpoints_are_read(void **state)
{
    (void)state;
    static const struct {
        struct slice written, path, inet;
        bool valid;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("unix:/run/f.sock"),      SLICE_INIT("/run/f.sock"), SLICE_INIT(""),                true},
        {SLICE_INIT("UNIX:/x"),               SLICE_INIT("/x"),          SLICE_INIT(""),                true},
        {SLICE_INIT("inet:127.0.0.1:11332"),  SLICE_INIT(""),            SLICE_INIT("127.0.0.1:11332"), true},
        {SLICE_INIT("inet:[::1]:8891"),       SLICE_INIT(""),            SLICE_INIT("[::1]:8891"),      true},
        {SLICE_INIT("unix:"),                 SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("unix:/"),                SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("unix:run/f.sock"),       SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("unix:/a\nb"),            SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("inet:127.0.0.1"),        SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("inet:127.0.0.1:0"),      SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("inet:filter.example:1"), SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT("127.0.0.1:11332"),       SLICE_INIT(""),            SLICE_INIT(""),                false},
        {SLICE_INIT(""),                      SLICE_INIT(""),            SLICE_INIT(""),                false},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct milter_endpoint endpoint;
        char storage[64];
        struct text inet = text_over(storage, sizeof storage);
        bool valid = milter_endpoint_parse(rows[i].written, &endpoint);
        row_expect(rows[i].written.at, "valid", valid, rows[i].valid);
        if (!valid)
            continue;
        if (endpoint.path.len == 0)
            ip_endpoint_append(&inet, endpoint.inet);
        row_expect_slice(rows[i].written.at, endpoint.path, rows[i].path);
        row_expect_slice(rows[i].written.at, text_slice(&inet), rows[i].inet);
    }
}

static void a_path_fits_a_socket(void **state)
{
    (void)state;
    char written[5 + ENDPOINT_PATH_MAX + 1] = "unix:/";
    struct milter_endpoint endpoint;
    for (size_t i = 6; i < sizeof written; i++)
        written[i] = 'x';
    assert_true(milter_endpoint_parse((struct slice){written, 5 + ENDPOINT_PATH_MAX}, &endpoint));
    assert_false(
        milter_endpoint_parse((struct slice){written, 5 + ENDPOINT_PATH_MAX + 1}, &endpoint));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endpoints_are_read),
                                       cmocka_unit_test(a_path_fits_a_socket)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
