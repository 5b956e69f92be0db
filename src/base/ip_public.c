/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

/* clang-format off */
/* The registries of special addresses (RFC 6890), and 6to4 and Teredo, which lead on to others. */
static const struct slice special[] = {
    SLICE_INIT("0.0.0.0/8"),    SLICE_INIT("10.0.0.0/8"),     SLICE_INIT("100.64.0.0/10"),   SLICE_INIT("127.0.0.0/8"),
    SLICE_INIT("169.254.0.0/16"), SLICE_INIT("172.16.0.0/12"), SLICE_INIT("192.0.0.0/24"),   SLICE_INIT("192.0.2.0/24"),
    SLICE_INIT("192.88.99.0/24"), SLICE_INIT("192.168.0.0/16"), SLICE_INIT("198.18.0.0/15"), SLICE_INIT("198.51.100.0/24"),
    SLICE_INIT("203.0.113.0/24"), SLICE_INIT("224.0.0.0/3"),
    SLICE_INIT("2001::/23"),    SLICE_INIT("2001:db8::/32"),  SLICE_INIT("2002::/16"),       SLICE_INIT("3fff::/20"),
};
/* clang-format on */

static bool is_within(struct ip_address address, struct slice written)
{
    struct ip_range range;
    return ip_range_parse(written, &range) && ip_range_holds(range, address);
}

bool ip_is_public(struct ip_address address)
{
    for (size_t i = 0; i < COUNT_OF(special); i++)
        if (is_within(address, special[i]))
            return false;
    return ip_is_v4(address) || is_within(address, SLICE("2000::/3"));
}
