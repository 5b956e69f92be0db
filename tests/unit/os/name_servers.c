/* SPDX-License-Identifier: Apache-2.0 */
/* os/name_servers: what of resolv.conf says whom to ask. */
#include "os/name_servers.h"

#include "support/rows.h"

static void lines_are_read_or_stepped_over(void **state)
{
    (void)state;
    static const struct {
        const char *file, *servers;
    } rows[] = {
        {"", ""},
        {"nameserver 192.0.2.1\n", "192.0.2.1:53 "},
        {"# one\nnameserver\t192.0.2.1 \nsearch a.example\nnameserver ::1",
         "192.0.2.1:53 [::1]:53 "},
        {"nameserver192.0.2.1\nnameservers 192.0.2.2\nnameserver x\nnameserver\n", ""},
        {"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
         "192.0.2.1:53 192.0.2.2:53 192.0.2.3:53 "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[256];
        struct text text = text_over(storage, sizeof storage);
        struct ip_endpoint servers[NAME_SERVERS_MAX];
        size_t count = name_servers_parse(slice_of(rows[i].file), servers);
        for (size_t k = 0; k < count; k++) {
            ip_endpoint_append(&text, servers[k]);
            text_append_c(&text, " ");
        }
        assert_string_equal(text.len ? text_c_string(&text) : "", rows[i].servers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_are_read_or_stepped_over)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
