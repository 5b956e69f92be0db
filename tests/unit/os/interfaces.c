/* SPDX-License-Identifier: Apache-2.0 */
/* os/interfaces: every machine has a loopback address, and knows it. */
#include "os/interfaces.h"

#include "support/rows.h"

static void loopback_is_there(void **state)
{
    (void)state;
    struct ip_address addresses[INTERFACES_MAX];
    size_t count = interfaces_addresses(addresses), loopback = 0;
    for (size_t i = 0; i < count; i++) {
        loopback += ip_is_loopback(addresses[i]);
        assert_false(ip_is_any(addresses[i]));
    }
    assert_true(loopback >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(loopback_is_there)};
    return cmocka_run_group_tests_name("os/interfaces", tests, NULL, NULL);
}
