/* SPDX-License-Identifier: Apache-2.0 */
#include "os/interfaces.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

/* False: it is of another family. */
static bool read_address(const struct sockaddr *address, struct ip_address *out)
{
    if (address && address->sa_family == AF_INET) {
        struct sockaddr_in four;
        uint8_t bytes[4];
        memcpy(&four, address, sizeof four);
        memcpy(bytes, &four.sin_addr, sizeof bytes);
        *out = ip_from_v4(bytes);
        return true;
    }
    if (address && address->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, address, sizeof six);
        memcpy(out->bytes, &six.sin6_addr, sizeof out->bytes);
        return true;
    }
    return false;
}

size_t interfaces_addresses(struct ip_address out_addresses[INTERFACES_MAX])
{
    struct ifaddrs *list = NULL;
    size_t count = 0;
    if (getifaddrs(&list) < 0)
        return 0;
    for (const struct ifaddrs *one = list; one && count < INTERFACES_MAX; one = one->ifa_next)
        count += read_address(one->ifa_addr, &out_addresses[count]);
    freeifaddrs(list);
    return count;
}
