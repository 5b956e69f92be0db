/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/proxy_header.h"

#include "base/number.h"

#include <string.h>

static const struct slice signature = SLICE_INIT("\r\n\r\n\0\r\nQUIT\n");
static const struct slice word = SLICE_INIT("PROXY ");

/* --- version 1: one line of text --- */

/* The family is that of the socket: on one for both a balancer writes ::ffff:192.0.2.1. */
static bool take_address(struct slice *rest, bool v4, struct ip_address *out)
{
    struct slice field;
    size_t colon;
    return slice_take_until(rest, ' ', &field) && slice_find(field, ':', &colon) != v4 &&
           ip_parse(field, out);
}

static bool read_port(struct slice digits, uint16_t *out)
{
    uint64_t number;
    if (!number_parse_u64(digits, UINT16_MAX, &number) || (digits.len > 1 && digits.at[0] == '0'))
        return false;
    *out = (uint16_t)number;
    return true;
}

static bool read_line(struct slice line, struct proxy_header *out)
{
    struct slice family, port;
    if (slice_equal(slice_first(line, 7), SLICE("UNKNOWN"))) { /* what follows is to be ignored */
        out->local = true;
        return line.len == 7 || line.at[7] == ' ';
    }
    if (!slice_take_until(&line, ' ', &family))
        return false;
    bool v4 = slice_equal(family, SLICE("TCP4"));
    return (v4 || slice_equal(family, SLICE("TCP6"))) &&
           take_address(&line, v4, &out->source.address) &&
           take_address(&line, v4, &out->destination.address) &&
           slice_take_until(&line, ' ', &port) && read_port(port, &out->source.port) &&
           read_port(line, &out->destination.port);
}

static enum proxy_outcome take_line(struct slice *input, struct proxy_header *out)
{
    struct slice head = slice_first(*input, PROXY_HEADER_V1_MAX);
    size_t end;
    if (!slice_find(head, '\n', &end))
        return head.len < PROXY_HEADER_V1_MAX ? PROXY_MORE : PROXY_BAD;
    if (end == 0 || head.at[end - 1] != '\r' ||
        !read_line(slice_after(slice_first(head, end - 1), word.len), out))
        return PROXY_BAD;
    *input = slice_after(*input, end + 1);
    return PROXY_DONE;
}

/* --- version 2: binary --- */

enum { V2_HEAD = 16, V2_LOCAL = 0x20, V2_PROXY = 0x21, TCP_OVER_IPV4 = 0x11, TCP_OVER_IPV6 = 0x21 };

static size_t number_at(struct slice bytes, size_t at)
{
    return (size_t)(unsigned char)bytes.at[at] << 8 | (unsigned char)bytes.at[at + 1];
}

static struct ip_address address_at(struct slice bytes, size_t at, bool v4)
{
    struct ip_address address;
    if (v4)
        return ip_from_v4((const uint8_t *)bytes.at + at);
    memcpy(address.bytes, bytes.at + at, sizeof address.bytes);
    return address;
}

/* Two addresses, then two ports; additions behind them are skipped. */
static bool read_addresses(struct slice content, unsigned family, struct proxy_header *out)
{
    bool v4 = family == TCP_OVER_IPV4;
    size_t each = v4 ? 4 : 16;
    if ((!v4 && family != TCP_OVER_IPV6) || content.len < 2 * each + 4)
        return false;
    out->source =
        (struct ip_endpoint){address_at(content, 0, v4), (uint16_t)number_at(content, 2 * each)};
    out->destination = (struct ip_endpoint){address_at(content, each, v4),
                                            (uint16_t)number_at(content, 2 * each + 2)};
    return true;
}

static enum proxy_outcome take_binary(struct slice *input, struct proxy_header *out)
{
    if (input->len < V2_HEAD)
        return PROXY_MORE;
    unsigned command = (unsigned char)input->at[12], family = (unsigned char)input->at[13];
    size_t len = number_at(*input, 14);
    if ((command != V2_LOCAL && command != V2_PROXY) || V2_HEAD + len > PROXY_HEADER_V2_MAX)
        return PROXY_BAD;
    if (input->len < V2_HEAD + len)
        return PROXY_MORE;
    out->local = command == V2_LOCAL;
    struct slice content = slice_first(slice_after(*input, V2_HEAD), len);
    if (!out->local && !read_addresses(content, family, out))
        return PROXY_BAD;
    *input = slice_after(*input, V2_HEAD + len);
    return PROXY_DONE;
}

static bool begins(struct slice input, struct slice with)
{
    size_t len = input.len < with.len ? input.len : with.len;
    return slice_equal(slice_first(input, len), slice_first(with, len));
}

enum proxy_outcome proxy_header_take(struct slice *input, struct proxy_header *out)
{
    *out = (struct proxy_header){0};
    if (begins(*input, word))
        return input->len < word.len ? PROXY_MORE : take_line(input, out);
    if (begins(*input, signature))
        return input->len < signature.len ? PROXY_MORE : take_binary(input, out);
    return PROXY_BAD;
}
