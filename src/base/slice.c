/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include <string.h>

struct slice slice_of(const char *c_string)
{
    return c_string ? (struct slice){c_string, strlen(c_string)} : (struct slice){0};
}

struct slice slice_bytes(const void *at, size_t len)
{
    return (struct slice){at, len};
}

struct slice slice_load(const void *slice)
{
    struct slice loaded;
    memcpy(&loaded, slice, sizeof loaded);
    return loaded;
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || a.at == b.at || memcmp(a.at, b.at, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    return a.len == b.len && slice_starts_nocase(a, b);
}

static int sign_of_lengths(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    return order ? order : sign_of_lengths(a.len, b.len);
}

int slice_compare_nocase(struct slice a, struct slice b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < shared; i++) {
        unsigned char x = (unsigned char)ascii_lower(a.at[i]);
        unsigned char y = (unsigned char)ascii_lower(b.at[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return sign_of_lengths(a.len, b.len);
}

size_t slice_hash_nocase(struct slice s)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(s.at[i])) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 32);
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_equal(slice_first(s, prefix.len), prefix);
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
    if (s.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (ascii_lower(s.at[i]) != ascii_lower(prefix.at[i]))
            return false;
    return true;
}

bool slice_ends_nocase(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_equal_nocase(slice_after(s, s.len - suffix.len), suffix);
}

bool slice_find(struct slice s, char byte, size_t *out_index)
{
    const char *found = s.len ? memchr(s.at, byte, s.len) : NULL;
    if (!found)
        return false;
    *out_index = (size_t)(found - s.at);
    return true;
}

bool slice_contains(struct slice s, struct slice part)
{
    return part.len == 0 || (s.len && memmem(s.at, s.len, part.at, part.len));
}

bool slice_all_ascii(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] > 0x7f)
            return false;
    return true;
}

struct slice slice_first(struct slice s, size_t count)
{
    return (struct slice){s.at, count < s.len ? count : s.len};
}

struct slice slice_pack(char **at, struct slice s)
{
    struct slice copy = {*at, s.len};
    if (s.len)
        memcpy(*at, s.at, s.len);
    *at += s.len;
    return copy;
}

struct slice slice_after(struct slice s, size_t count)
{
    if (count >= s.len)
        return (struct slice){s.len ? s.at + s.len : s.at, 0};
    return (struct slice){s.at + count, s.len - count};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.len && is_blank(s.at[0]))
        s = slice_after(s, 1);
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool slice_take_until(struct slice *rest, char byte, struct slice *out_taken)
{
    size_t index;
    if (!slice_find(*rest, byte, &index))
        return false;
    *out_taken = slice_first(*rest, index);
    *rest = slice_after(*rest, index + 1);
    return true;
}

bool slice_take_field(struct slice *rest, char byte, struct slice *out_taken)
{
    if (rest->len == 0)
        return false;
    if (!slice_take_until(rest, byte, out_taken)) {
        *out_taken = *rest;
        *rest = slice_after(*rest, rest->len);
    }
    return true;
}

bool slice_take_word(struct slice *rest, struct slice *out_word)
{
    while (rest->len && is_blank(rest->at[0]))
        *rest = slice_after(*rest, 1);
    size_t len = 0;
    while (len < rest->len && !is_blank(rest->at[len]))
        len++;
    *out_word = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return len > 0;
}

bool slice_take_prefix(struct slice *rest, struct slice prefix)
{
    if (!slice_starts(*rest, prefix))
        return false;
    *rest = slice_after(*rest, prefix.len);
    return true;
}

bool slice_take_prefix_nocase(struct slice *rest, struct slice prefix)
{
    if (!slice_starts_nocase(*rest, prefix))
        return false;
    *rest = slice_after(*rest, prefix.len);
    return true;
}
