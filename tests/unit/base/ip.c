/* SPDX-License-Identifier: Apache-2.0 */
/* ip: addresses, endpoints and ranges, read and written. */
#include "base/ip.h"
#include "support/rows.h"

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *written, *printed, *literal;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", "[192.0.2.1]"},
        {"0.0.0.0", "0.0.0.0", "[0.0.0.0]"},
        {"255.255.255.255", "255.255.255.255", "[255.255.255.255]"},
        {"::", "::", "[IPv6:::]"},
        {"::1", "::1", "[IPv6:::1]"},
        {"2001:DB8::1", "2001:db8::1", "[IPv6:2001:db8::1]"},
        {"2001:db8:0:0:0:0:0:1", "2001:db8::1", "[IPv6:2001:db8::1]"},
        {"2001:0db8::0001:0", "2001:db8::1:0", "[IPv6:2001:db8::1:0]"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "[IPv6:2001:db8:0:1:1:1:1:1]"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "[IPv6:2001:0:0:1::1]"},
        {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1", "[IPv6:2001:db8::1:0:0:1]"},
        {"1::", "1::", "[IPv6:1::]"},
        {"::ffff:192.0.2.1", "192.0.2.1", "[192.0.2.1]"},
        {"::ffff:c000:201", "192.0.2.1", "[192.0.2.1]"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221", "[IPv6:64:ff9b::c000:221]"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "[IPv6:1:2:3:4:5:6:7:8]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[128];
        struct text text = text_over(storage, sizeof storage);
        struct ip_address address;
        row_expect(rows[i].written, "read", ip_parse(slice_of(rows[i].written), &address), true);
        ip_append(&text, address);
        row_expect_slice(rows[i].written, text_slice(&text), slice_of(rows[i].printed));
        text_clear(&text);
        ip_append_literal(&text, address);
        row_expect_slice(rows[i].written, text_slice(&text), slice_of(rows[i].literal));
    }
    static const char *const bad[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3.-4",
        "1.2.3.4 ",
        ":",
        ":::",
        "1::2::3",
        "::g",
        "12345::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8",
        "1.2.3.4::",
        "::1.2.3",
        "::1.2.3.4:5",
        "1:",
        ":1",
        "fe80::1%eth0",
        "[::1]",
        "::1:",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct ip_address address;
        row_expect(bad[i], "read", ip_parse(slice_of(bad[i]), &address), false);
    }
}

static void endpoints_are_read_and_written(void **state)
{
    (void)state;
    static const char *const good[] = {"0.0.0.0:25", "[::]:25", "192.0.2.1:65535",
                                       "[2001:db8::1]:587"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char storage[128];
        struct text text = text_over(storage, sizeof storage);
        struct ip_endpoint endpoint;
        row_expect(good[i], "read", ip_endpoint_parse(slice_of(good[i]), &endpoint), true);
        ip_endpoint_append(&text, endpoint);
        row_expect_slice(good[i], text_slice(&text), slice_of(good[i]));
    }
    static const char *const bad[] = {"0.0.0.0",    "0.0.0.0:",    "0.0.0.0:0", "0.0.0.0:65536",
                                      "::25",       "[::]25",      "[::]",      "[1.2.3.4]:25",
                                      ":25",        "1.2.3.4:25x", "[::1:25",   "1.2.3.4:000025",
                                      "1.2.3.4:-1", "[::1]:25 "};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct ip_endpoint endpoint;
        row_expect(bad[i], "read", ip_endpoint_parse(slice_of(bad[i]), &endpoint), false);
    }
}

static void ranges_are_read_and_written_shortest(void **state)
{
    (void)state;
    static const struct {
        const char *written, *printed;
    } rows[] = {
        {"192.168.1.75", "192.168.1.75"},
        {"192.168.1.75-192.168.1.75", "192.168.1.75"},
        {"192.168.1.1/24", "192.168.1.0/24"},
        {"192.168.1.0-192.168.1.255", "192.168.1.0/24"},
        {"192.168.1.0(255.255.255.0)", "192.168.1.0/24"},
        {"192.168.1.1(255.255.255.255)", "192.168.1.1"},
        {"10.0.0.1 - 10.0.0.9", "10.0.0.1-10.0.0.9"},
        {"0.0.0.0/0", "0.0.0.0-255.255.255.255"},
        {"0.0.0.0-255.255.255.255", "0.0.0.0-255.255.255.255"},
        {"::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"2001:db8::1/32", "2001:db8::/32"},
        {"2001:db8::1-2001:db8::5", "2001:db8::1-2001:db8::5"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[128];
        struct text text = text_over(storage, sizeof storage);
        struct ip_range range;
        row_expect(rows[i].written, "read", ip_range_parse(slice_of(rows[i].written), &range),
                   true);
        ip_range_append(&text, range);
        row_expect_slice(rows[i].written, text_slice(&text), slice_of(rows[i].printed));
    }
    static const char *const bad[] = {"",           "10.0.0.9-10.0.0.1", "10.0.0.0/33",
                                      "::/129",     "10.0.0.0/",         "10.0.0.0(255.0.255.0)",
                                      "10.0.0.0(8", "10.0.0.0-::1",      "10.0.0.0-",
                                      "-10.0.0.1",  "10.0.0.0/8/8",      "::1(255.0.0.0)"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct ip_range range;
        row_expect(bad[i], "read", ip_range_parse(slice_of(bad[i]), &range), false);
    }
}

static struct ip_range range_of(const char *written)
{
    struct ip_range range;
    assert_true(ip_range_parse(slice_of(written), &range));
    return range;
}

static struct ip_address address_of(const char *written)
{
    struct ip_address address;
    assert_true(ip_parse(slice_of(written), &address));
    return address;
}

static void ranges_are_compared(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool within, meets;
        int size;
    } rows[] = {
        {"10.0.0.0/24", "10.0.0.0/8", true, true, -1},
        {"10.0.0.0/8", "10.0.0.0/24", false, true, 1},
        {"10.0.0.0/24", "10.0.0.0/24", true, true, 0},
        {"10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.14", false, true, 0},
        {"10.0.0.0/24", "10.0.1.0/24", false, false, 0},
        {"10.0.0.1", "::/0", false, false, -1},
        {"::/0", "0.0.0.0/0", false, false, 1},
        {"2001:db8::ff-2001:db8::100", "2001:db8::/64", true, true, -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ip_range a = range_of(rows[i].a), b = range_of(rows[i].b);
        row_expect(rows[i].a, "within", ip_range_within(a, b), rows[i].within);
        row_expect(rows[i].a, "meets", ip_range_meets(a, b), rows[i].meets);
        int order = ip_range_compare_size(a, b);
        row_expect(rows[i].a, "size", (order > 0) - (order < 0), rows[i].size);
    }
    assert_true(ip_range_holds(range_of("10.0.0.0/8"), address_of("10.255.255.255")));
    assert_false(ip_range_holds(range_of("10.0.0.0/8"), address_of("11.0.0.0")));
    assert_false(ip_range_holds(range_of("::/0"), address_of("10.0.0.1")));
    assert_true(ip_range_holds(range_of("::/0"), address_of("::1")));
    assert_true(ip_is_any(address_of("0.0.0.0")) && ip_is_any(address_of("::")));
    assert_true(ip_is_loopback(address_of("127.9.9.9")) && ip_is_loopback(address_of("::1")));
    assert_false(ip_is_loopback(address_of("::2")) || ip_is_any(address_of("0.0.0.1")));
    assert_false(ip_is_v4(address_of("::")));
}

static void public_addresses_are_told_from_others(void **state)
{
    (void)state;
    static const char *const open[] = {"1.1.1.1",    "9.255.255.255",   "11.0.0.0",
                                       "172.32.0.0", "223.255.255.255", "2606:4700::1111",
                                       "2001:200::1"};
    static const char *const special[] = {"0.0.0.0",     "10.1.2.3",        "100.127.255.255",
                                          "127.0.0.1",   "169.254.169.254", "172.31.255.255",
                                          "192.0.2.1",   "192.168.0.1",     "198.19.0.1",
                                          "224.0.0.1",   "255.255.255.255", "::",
                                          "::1",         "fe80::1",         "fd00::1",
                                          "ff02::1",     "64:ff9b::a00:1",  "2001::1",
                                          "2001:db8::1", "2002:a00:1::"};
    for (size_t i = 0; i < COUNT_OF(open); i++)
        row_expect(open[i], "is public", ip_is_public(address_of(open[i])), true);
    for (size_t i = 0; i < COUNT_OF(special); i++)
        row_expect(special[i], "is public", ip_is_public(address_of(special[i])), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_addresses_are_told_from_others),
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(endpoints_are_read_and_written),
        cmocka_unit_test(ranges_are_read_and_written_shortest),
        cmocka_unit_test(ranges_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
