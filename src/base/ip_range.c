/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of addresses. A range belongs to one family: a range of IPv6 addresses that happens to
 * enclose the IPv4-mapped block holds no IPv4 address. */
#include "base/ip.h"
#include "base/number.h"

#include <string.h>

enum { BITS = 128, V4_PREFIX_BITS = 96 };

static bool bit_of(struct ip_address address, size_t bit)
{
    return address.bytes[bit / 8] >> (7 - bit % 8) & 1;
}

static struct ip_address with_tail(struct ip_address address, size_t prefix, bool ones)
{
    for (size_t bit = prefix; bit < BITS; bit++) {
        uint8_t mask = (uint8_t)(1U << (7 - bit % 8));
        uint8_t *byte = &address.bytes[bit / 8];
        *byte = (uint8_t)(ones ? *byte | mask : *byte & ~mask);
    }
    return address;
}

static struct ip_range block_around(struct ip_address address, size_t prefix)
{
    return (struct ip_range){with_tail(address, prefix, false), with_tail(address, prefix, true)};
}

static bool range_is_v4(struct ip_range range)
{
    return ip_is_v4(range.first) && ip_is_v4(range.last);
}

static bool same_family(struct ip_range a, struct ip_range b)
{
    return range_is_v4(a) == range_is_v4(b);
}

/* --- reading --- */

static bool parse_block(struct slice address_text, struct slice length_text,
                        struct ip_range *out_range)
{
    struct ip_address address;
    uint64_t length;
    size_t colon;
    bool v6_notation = slice_find(address_text, ':', &colon);
    if (!ip_parse(slice_trim(address_text), &address) ||
        !number_parse_u64(slice_trim(length_text), v6_notation ? BITS : 32, &length))
        return false;
    *out_range = block_around(address, (size_t)length + (v6_notation ? 0 : V4_PREFIX_BITS));
    return true;
}

static bool parse_masked(struct slice address_text, struct slice mask_text,
                         struct ip_range *out_range)
{
    struct ip_address address, mask;
    if (!slice_ends_nocase(mask_text, SLICE(")")))
        return false;
    mask_text.len--;
    if (!ip_parse(slice_trim(address_text), &address) || !ip_parse(slice_trim(mask_text), &mask) ||
        !ip_is_v4(address) || !ip_is_v4(mask))
        return false;
    size_t prefix = V4_PREFIX_BITS;
    while (prefix < BITS && bit_of(mask, prefix))
        prefix++;
    for (size_t bit = prefix; bit < BITS; bit++)
        if (bit_of(mask, bit))
            return false;
    *out_range = block_around(address, prefix);
    return true;
}

static bool parse_span(struct slice first, struct slice last, struct ip_range *out_range)
{
    return ip_parse(slice_trim(first), &out_range->first) &&
           ip_parse(slice_trim(last), &out_range->last);
}

bool ip_range_parse(struct slice written, struct ip_range *out_range)
{
    struct slice rest = slice_trim(written), head;
    struct ip_range range;
    bool read;
    if (slice_take_until(&rest, '/', &head))
        read = parse_block(head, rest, &range);
    else if (slice_take_until(&rest, '(', &head))
        read = parse_masked(head, rest, &range);
    else if (slice_take_until(&rest, '-', &head))
        read = parse_span(head, rest, &range);
    else
        read = parse_span(rest, rest, &range);
    if (!read || ip_compare(range.first, range.last) > 0 ||
        ip_is_v4(range.first) != ip_is_v4(range.last))
        return false;
    *out_range = range;
    return true;
}

/* --- writing --- */

/* The prefix length when the range is exactly one block. */
static bool is_block(struct ip_range range, size_t *out_prefix)
{
    size_t prefix = 0;
    while (prefix < BITS && bit_of(range.first, prefix) == bit_of(range.last, prefix))
        prefix++;
    struct ip_range block = block_around(range.first, prefix);
    *out_prefix = prefix;
    return ip_equal(block.first, range.first) && ip_equal(block.last, range.last);
}

bool ip_range_append(struct text *text, struct ip_range range)
{
    size_t prefix, shortest = range_is_v4(range) ? V4_PREFIX_BITS : 0;
    bool block = is_block(range, &prefix);
    if (!ip_append(text, range.first))
        return false;
    if (block && prefix == BITS)
        return true;
    if (block && prefix > shortest)
        return text_append_byte(text, '/') && text_append_u64(text, prefix - shortest);
    return text_append_byte(text, '-') && ip_append(text, range.last);
}

/* --- comparing --- */

bool ip_range_holds(struct ip_range range, struct ip_address address)
{
    return range_is_v4(range) == ip_is_v4(address) && ip_compare(range.first, address) <= 0 &&
           ip_compare(address, range.last) <= 0;
}

bool ip_range_within(struct ip_range inner, struct ip_range outer)
{
    return same_family(inner, outer) && ip_compare(outer.first, inner.first) <= 0 &&
           ip_compare(inner.last, outer.last) <= 0;
}

bool ip_range_meets(struct ip_range a, struct ip_range b)
{
    return same_family(a, b) && ip_compare(a.first, b.last) <= 0 &&
           ip_compare(b.first, a.last) <= 0;
}

static struct ip_address span_of(struct ip_range range)
{
    struct ip_address span;
    int borrow = 0;
    for (size_t i = sizeof span.bytes; i-- > 0;) {
        int difference = range.last.bytes[i] - range.first.bytes[i] - borrow;
        borrow = difference < 0;
        span.bytes[i] = (uint8_t)(difference + 256 * borrow);
    }
    return span;
}

int ip_range_compare_size(struct ip_range a, struct ip_range b)
{
    return ip_compare(span_of(a), span_of(b));
}
