/* SPDX-License-Identifier: Apache-2.0 */
/* ip - IP addresses, endpoints and ranges as values.
 *
 * One form for both families: 16 bytes, IPv4 as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so that
 * ranges and comparisons need no cases. An address received as ::ffff:a.b.c.d is that IPv4 address.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/text.h"

struct ip_address {
    uint8_t bytes[16];
};

struct ip_endpoint {
    struct ip_address address;
    uint16_t port;
};

struct ip_range {
    struct ip_address first, last; /* both included */
};

struct ip_address ip_from_v4(const uint8_t bytes[4]);
bool ip_is_v4(struct ip_address address);
bool ip_is_any(struct ip_address address);      /* 0.0.0.0 or :: */
bool ip_is_loopback(struct ip_address address); /* 127.0.0.0/8 or ::1 */
bool ip_is_unicast(
    struct ip_address address); /* one that a host can have: not 0.0.0.0/8, no group */
bool ip_is_public(struct ip_address address); /* of the Internet at large (RFC 6890) */
int ip_compare(struct ip_address a, struct ip_address b);
bool ip_equal(struct ip_address a, struct ip_address b);
bool ip_endpoint_equal(struct ip_endpoint a, struct ip_endpoint b);

/* "192.0.2.1" (four plain decimal numbers) or RFC 4291 2.2 text; no brackets, no zone. */
bool ip_parse(struct slice written, struct ip_address *out_address);
/* RFC 5952 form. */
bool ip_append(struct text *text, struct ip_address address);
/* "192.0.2.1:25", "[2001:db8::1]:25"; port 1-65535. */
bool ip_endpoint_parse(struct slice written, struct ip_endpoint *out_endpoint);
bool ip_endpoint_append(struct text *text, struct ip_endpoint endpoint);
/* RFC 5321 4.1.3 address literal with brackets: "[192.0.2.1]", "[IPv6:2001:db8::1]". */
bool ip_append_literal(struct text *text, struct ip_address address);

/* "a", "a-b", "a/length" (host bits may be set), "a(mask)" (IPv4). */
bool ip_range_parse(struct slice written, struct ip_range *out_range);
/* Printed as it is shortest: "a", "a/length" when it is one block, "a-b" otherwise. The whole
 * space of a family prints as "0.0.0.0-255.255.255.255" and "::-ffff:...:ffff", as Exchange does.
 */
bool ip_range_append(struct text *text, struct ip_range range);
bool ip_range_holds(struct ip_range range, struct ip_address address);
bool ip_range_within(struct ip_range inner, struct ip_range outer);
bool ip_range_meets(struct ip_range a, struct ip_range b);
/* Which of two ranges is smaller: < 0 when `a` holds fewer addresses. */
int ip_range_compare_size(struct ip_range a, struct ip_range b);

#endif
