/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

#include "base/number.h"

#include <string.h>

enum { BITS = 128, V4_BITS = 32, V4_OFFSET = 12, GROUPS = 8 };

static const uint8_t mapped[V4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct ip_address ip_from_v4(const uint8_t bytes[4])
{
    struct ip_address address;
    memcpy(address.bytes, mapped, sizeof mapped);
    memcpy(address.bytes + V4_OFFSET, bytes, 4);
    return address;
}

bool ip_is_v4(struct ip_address address)
{
    return memcmp(address.bytes, mapped, sizeof mapped) == 0;
}

static bool all_bytes(const uint8_t *at, size_t len, uint8_t byte)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != byte)
            return false;
    return true;
}

bool ip_is_any(struct ip_address address)
{
    size_t from = ip_is_v4(address) ? V4_OFFSET : 0;
    return all_bytes(address.bytes + from, sizeof address.bytes - from, 0);
}

bool ip_is_loopback(struct ip_address address)
{
    if (ip_is_v4(address))
        return address.bytes[V4_OFFSET] == 127;
    return all_bytes(address.bytes, 15, 0) && address.bytes[15] == 1;
}

bool ip_is_unicast(struct ip_address address)
{
    uint8_t first = address.bytes[ip_is_v4(address) ? V4_OFFSET : 0];
    bool v4_group = ip_is_v4(address) && first >= 224; /* and what is reserved, and broadcast */
    bool v4_here = ip_is_v4(address) && first == 0;    /* RFC 1122 3.2.1.3 */
    return !ip_is_any(address) && !v4_group && !v4_here && (ip_is_v4(address) || first != 0xff);
}

int ip_compare(struct ip_address a, struct ip_address b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool ip_equal(struct ip_address a, struct ip_address b)
{
    return ip_compare(a, b) == 0;
}

bool ip_endpoint_equal(struct ip_endpoint a, struct ip_endpoint b)
{
    return a.port == b.port && ip_equal(a.address, b.address);
}

/* --- reading --- */

static bool parse_v4(struct slice written, uint8_t out_bytes[4])
{
    for (size_t i = 0; i < 4; i++) {
        struct slice part = written;
        uint64_t number;
        if (i < 3 && !slice_take_until(&written, '.', &part))
            return false;
        bool leading_zero = part.len > 1 && part.at[0] == '0'; /* octal to some readers */
        if (leading_zero || part.len > 3 || !number_parse_u64(part, 255, &number))
            return false;
        out_bytes[i] = (uint8_t)number;
    }
    return true;
}

/* What stands on one side of "::", or the whole: groups of hexadecimal digits, and at the very end
 * perhaps an IPv4 address, which counts as two. */
static bool parse_groups(struct slice written, uint16_t out_groups[GROUPS], size_t *out_count)
{
    size_t count = 0;
    bool trailing_colon = written.len && written.at[written.len - 1] == ':';
    struct slice part;
    while (slice_take_field(&written, ':', &part)) {
        uint8_t v4[4];
        uint64_t number;
        if (written.len == 0 && count + 2 <= GROUPS && parse_v4(part, v4)) {
            out_groups[count++] = (uint16_t)(v4[0] << 8 | v4[1]);
            out_groups[count++] = (uint16_t)(v4[2] << 8 | v4[3]);
            continue;
        }
        if (count == GROUPS || part.len > 4 || !number_parse_hex(part, 0xffff, &number))
            return false;
        out_groups[count++] = (uint16_t)number;
    }
    *out_count = count;
    return !trailing_colon;
}

static bool find_gap(struct slice written, size_t *out_index)
{
    for (size_t i = 0; i + 1 < written.len; i++)
        if (written.at[i] == ':' && written.at[i + 1] == ':') {
            *out_index = i;
            return true;
        }
    return false;
}

static bool parse_v6(struct slice written, struct ip_address *out_address)
{
    uint16_t front[GROUPS] = {0}, back[GROUPS] = {0};
    size_t front_count = 0, back_count = 0, gap = 0;
    bool has_gap = find_gap(written, &gap);
    struct slice head = has_gap ? slice_first(written, gap) : written;
    struct slice tail = has_gap ? slice_after(written, gap + 2) : SLICE("");
    size_t dot;
    if (!parse_groups(head, front, &front_count) || !parse_groups(tail, back, &back_count) ||
        (has_gap && slice_find(head, '.', &dot)))
        return false;
    if (has_gap ? front_count + back_count >= GROUPS : front_count != GROUPS)
        return false;
    for (size_t i = 0; i < back_count; i++)
        front[GROUPS - back_count + i] = back[i];
    for (size_t i = 0; i < GROUPS; i++) {
        out_address->bytes[2 * i] = (uint8_t)(front[i] >> 8);
        out_address->bytes[2 * i + 1] = (uint8_t)front[i];
    }
    return true;
}

bool ip_parse(struct slice written, struct ip_address *out_address)
{
    uint8_t v4[4];
    size_t colon;
    if (slice_find(written, ':', &colon)) {
        struct ip_address address;
        if (written.len > 45 || !parse_v6(written, &address))
            return false;
        *out_address = address;
        return true;
    }
    if (!parse_v4(written, v4))
        return false;
    *out_address = ip_from_v4(v4);
    return true;
}

static bool take_bracketed(struct slice *rest, struct slice *out_inside)
{
    return slice_take_prefix(rest, SLICE("[")) && slice_take_until(rest, ']', out_inside) &&
           slice_take_prefix(rest, SLICE(":"));
}

bool ip_endpoint_parse(struct slice written, struct ip_endpoint *out_endpoint)
{
    struct slice address;
    bool bracketed = slice_starts(written, SLICE("["));
    if (bracketed ? !take_bracketed(&written, &address)
                  : !slice_take_until(&written, ':', &address))
        return false;
    struct ip_endpoint endpoint = {0};
    uint64_t port;
    size_t colon;
    if (bracketed != slice_find(address, ':', &colon) || !ip_parse(address, &endpoint.address) ||
        written.len > 5 || !number_parse_u64(written, 65535, &port) || port == 0)
        return false;
    endpoint.port = (uint16_t)port;
    *out_endpoint = endpoint;
    return true;
}

/* --- writing --- */

static uint16_t group_of(struct ip_address address, size_t i)
{
    return (uint16_t)(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
}

/* The longest run of two or more zero groups, the first of equals (RFC 5952 4.2). */
static size_t longest_zero_run(struct ip_address address, size_t *out_start)
{
    size_t best = 0, run = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        run = group_of(address, i) == 0 ? run + 1 : 0;
        if (run > best) {
            best = run;
            *out_start = i + 1 - run;
        }
    }
    return best < 2 ? 0 : best;
}

static bool append_v6(struct text *text, struct ip_address address)
{
    size_t start = GROUPS;
    size_t run = longest_zero_run(address, &start);
    for (size_t i = 0; i < GROUPS;) {
        if (run && i == start) {
            if (!text_append_c(text, "::"))
                return false;
            i += run;
            continue;
        }
        const char *colon = i == 0 || (run && i == start + run) ? "" : ":";
        if (!text_append_format(text, "%s%x", colon, (unsigned)group_of(address, i)))
            return false;
        i++;
    }
    return true;
}

bool ip_append(struct text *text, struct ip_address address)
{
    const uint8_t *v4 = address.bytes + V4_OFFSET;
    if (!ip_is_v4(address))
        return append_v6(text, address);
    for (size_t i = 0; i < 4; i++)
        if ((i && !text_append_byte(text, '.')) || !text_append_u64(text, v4[i]))
            return false;
    return true;
}

bool ip_endpoint_append(struct text *text, struct ip_endpoint endpoint)
{
    bool v4 = ip_is_v4(endpoint.address);
    return text_append_c(text, v4 ? "" : "[") && ip_append(text, endpoint.address) &&
           text_append_c(text, v4 ? ":" : "]:") && text_append_u64(text, endpoint.port);
}

bool ip_append_literal(struct text *text, struct ip_address address)
{
    return text_append_c(text, ip_is_v4(address) ? "[" : "[IPv6:") && ip_append(text, address) &&
           text_append_byte(text, ']');
}
