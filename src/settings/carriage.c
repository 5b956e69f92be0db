/* SPDX-License-Identifier: Apache-2.0 */
/* Address spaces and hosts: the kinds that say where mail is carried. */
#include "base/number.h"
#include "settings/kind.h"

#include <string.h>

static bool holds(struct slice s, const char *bytes)
{
    size_t index;
    for (; *bytes; bytes++)
        if (slice_find(s, *bytes, &index))
            return true;
    return false;
}

/* --- address spaces --- */

/* Empty, or with what would end or divide it when it is printed. */
static bool is_no_space(struct slice space)
{
    return space.len == 0 || slice_trim(space).len != space.len || holds(space, ",;:") ||
           !text_is_printable(space);
}

bool address_space_parse(struct slice written, struct address_space *out_space)
{
    struct slice rest = written, space, unused;
    int64_t cost = ADDRESS_SPACE_COST_MIN;
    slice_take_prefix_nocase(&rest, SLICE("SMTP:"));
    struct slice type = rest;
    if (slice_take_until(&type, ':', &unused))
        return false;
    if (!slice_take_until(&rest, ';', &space))
        space = rest;
    else if (!number_parse_i64(slice_trim(rest), ADDRESS_SPACE_COST_MIN, ADDRESS_SPACE_COST_MAX,
                               &cost))
        return false;
    *out_space = (struct address_space){slice_trim(space), (uint32_t)cost};
    return !is_no_space(out_space->space);
}

static bool parse_space(const struct setting *row, struct slice written, void *out_value,
                        struct arena *arena)
{
    (void)row;
    struct address_space space;
    if (!address_space_parse(written, &space) || !arena_copy(arena, space.space, &space.space))
        return false;
    memcpy(out_value, &space, sizeof space);
    return true;
}

static bool print_space(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    const struct address_space *space = value;
    return text_append_c(text, "SMTP:") && text_append(text, space->space) &&
           text_append_byte(text, ';') && text_append_u64(text, space->cost);
}

static bool same_space(const void *a, const void *b)
{
    const struct address_space *x = a, *y = b;
    return slice_equal_nocase(x->space, y->space);
}

static bool equal_space(const void *a, const void *b)
{
    const struct address_space *x = a, *y = b;
    return x->cost == y->cost && slice_equal(x->space, y->space);
}

static bool encode_space(const void *value, struct text *out_bytes)
{
    const struct address_space *space = value;
    return text_append_byte(out_bytes, (char)space->cost) && text_append(out_bytes, space->space);
}

static bool decode_space(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    struct address_space space = {.space = slice_after(bytes, 1),
                                  .cost = bytes.len ? (uint8_t)bytes.at[0] : 0};
    memcpy(out_value, &space, sizeof space);
    return space.cost >= ADDRESS_SPACE_COST_MIN && space.cost <= ADDRESS_SPACE_COST_MAX &&
           !is_no_space(space.space);
}

/* --- hosts --- */

enum { HOST_MAX = 255 };

static bool is_name(struct slice host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!ascii_is_alnum(host.at[i]) && !holds(slice_first(slice_after(host, i), 1), ".-_"))
            return false;
    return host.len > 0 && host.len <= HOST_MAX;
}

/* An address in brackets, in its one form; a name as it is. False when it is neither. */
static bool host_append(struct slice written, struct text *text)
{
    struct ip_address address;
    struct slice inner = written;
    bool brackets = slice_take_prefix(&inner, SLICE("["));
    if (brackets && (inner.len == 0 || inner.at[--inner.len] != ']'))
        return false;
    if (brackets)
        slice_take_prefix_nocase(&inner, SLICE("IPv6:"));
    if (ip_parse(inner, &address))
        return text_append_byte(text, '[') && ip_append(text, address) &&
               text_append_byte(text, ']');
    return !brackets && is_name(written) && text_append(text, written);
}

static bool parse_host(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row;
    char storage[HOST_MAX + 1];
    struct text host = text_over(storage, sizeof storage);
    struct slice copy;
    if (!host_append(written, &host) || !arena_copy(arena, text_slice(&host), &copy))
        return false;
    memcpy(out_value, &copy, sizeof copy);
    return true;
}

static bool print_host(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return text_append(text, slice_load(value));
}

static bool same_host(const void *a, const void *b)
{
    return slice_equal_nocase(slice_load(a), slice_load(b));
}

static bool equal_host(const void *a, const void *b)
{
    return slice_equal(slice_load(a), slice_load(b));
}

static bool encode_host(const void *value, struct text *out_bytes)
{
    return text_append(out_bytes, slice_load(value));
}

static bool decode_host(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    char storage[HOST_MAX + 1];
    struct text host = text_over(storage, sizeof storage);
    memcpy(out_value, &bytes, sizeof bytes);
    return host_append(bytes, &host) && slice_equal(text_slice(&host), bytes);
}

/* clang-format off */
const struct codec address_space_codec = {sizeof(struct address_space), parse_space, print_space, equal_space, same_space, encode_space, decode_space, NULL};
const struct codec host_codec =          {sizeof(struct slice), parse_host, print_host, equal_host, same_host, encode_host, decode_host, NULL};
/* clang-format on */
