/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_with_ceiling(size_t ceiling)
{
    return (struct text){.ceiling = ceiling};
}

struct text text_over(char *storage, size_t capacity)
{
    return (struct text){.at = storage, .capacity = capacity, .ceiling = capacity, .fixed = true};
}

void text_deinit(struct text *text)
{
    if (!text)
        return;
    if (!text->fixed)
        free(text->at);
    *text = (struct text){0};
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->truncated = false;
}

static bool text_reserve(struct text *text, size_t more)
{
    if (more > text->ceiling || text->len > text->ceiling - more)
        return false;
    size_t needed = text->len + more;
    if (needed <= text->capacity)
        return true;
    if (text->fixed)
        return false;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    if (capacity > text->ceiling)
        capacity = text->ceiling;
    char *grown = realloc(text->at, capacity);
    if (!grown)
        return false;
    text->at = grown;
    text->capacity = capacity;
    return true;
}

bool text_append(struct text *text, struct slice bytes)
{
    if (bytes.len == 0)
        return true;
    if (!text_reserve(text, bytes.len)) {
        text->truncated = true;
        return false;
    }
    memcpy(text->at + text->len, bytes.at, bytes.len);
    text->len += bytes.len;
    return true;
}

bool text_append_c(struct text *text, const char *c_string)
{
    return text_append(text, slice_of(c_string));
}

bool text_append_byte(struct text *text, char byte)
{
    return text_append(text, (struct slice){&byte, 1});
}

bool text_append_u64(struct text *text, uint64_t number)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return text_append(text, (struct slice){digits + start, sizeof digits - start});
}

bool text_append_i64(struct text *text, int64_t number)
{
    if (number >= 0)
        return text_append_u64(text, (uint64_t)number);
    return text_append_byte(text, '-') && text_append_u64(text, 0 - (uint64_t)number);
}

bool text_append_lower(struct text *text, struct slice bytes)
{
    size_t before = text->len;
    if (!text_append(text, bytes))
        return false;
    for (size_t i = before; i < text->len; i++)
        text->at[i] = ascii_lower(text->at[i]);
    return true;
}

bool text_append_format(struct text *text, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len < 0) {
        text->truncated = true;
        return false;
    }
    if ((size_t)len < sizeof line)
        return text_append(text, (struct slice){line, (size_t)len});

    char *longer = malloc((size_t)len + 1);
    if (!longer) {
        text->truncated = true;
        return false;
    }
    va_start(arguments, format);
    vsnprintf(longer, (size_t)len + 1, format, arguments);
    va_end(arguments);
    bool done = text_append(text, (struct slice){longer, (size_t)len});
    free(longer);
    return done;
}

bool text_append_escaped(struct text *text, struct slice bytes, size_t max)
{
    static const char digits[] = "0123456789ABCDEF";
    struct slice shown = slice_first(bytes, max);
    for (size_t i = 0; i < shown.len; i++) {
        unsigned char c = (unsigned char)shown.at[i];
        bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '"';
        char escaped[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
        if (!text_append(text, plain ? (struct slice){shown.at + i, 1}
                                     : (struct slice){escaped, sizeof escaped}))
            return false;
    }
    return bytes.len <= max || text_append_c(text, "...");
}

void text_consume(struct text *text, size_t count)
{
    if (count >= text->len) {
        text->len = 0;
        return;
    }
    memmove(text->at, text->at + count, text->len - count);
    text->len -= count;
}

struct slice text_slice(const struct text *text)
{
    return (struct slice){text->at, text->len};
}

const char *text_c_string(struct text *text)
{
    if (!text_append_byte(text, '\0'))
        return NULL;
    text->len--;
    return text->at;
}
