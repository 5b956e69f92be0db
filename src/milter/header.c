/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/header.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The length of the field at the left, with its folded lines. */
static size_t field_length(struct slice rest)
{
    size_t at = 0;
    for (size_t line; slice_find(slice_after(rest, at), '\n', &line);) {
        at += line + 1;
        if (at == rest.len || !is_blank(rest.at[at]))
            return at;
    }
    return rest.len;
}

static struct slice without_line_end(struct slice line)
{
    size_t len = line.len;
    if (len && line.at[len - 1] == '\n')
        len--;
    if (len && line.at[len - 1] == '\r')
        len--;
    return slice_first(line, len);
}

bool header_take(struct slice *rest, struct header_field *out)
{
    if (rest->len == 0)
        return false;
    out->whole = slice_first(*rest, field_length(*rest));
    *rest = slice_after(*rest, out->whole.len);
    out->value = without_line_end(out->whole);
    if (slice_take_until(&out->value, ':', &out->name)) {
        out->name = slice_trim(out->name);
    } else {
        out->name = out->value;
        out->value = (struct slice){0};
    }
    return true;
}

/* --- writing --- */

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
            return false;
    return name.len > 0;
}

static void append_lines(struct text *out, struct slice value)
{
    struct slice line;
    bool first = true;
    while (slice_take_field(&value, '\n', &line)) {
        if (!first)
            text_append_c(out, line.len && is_blank(line.at[0]) ? "\r\n" : "\r\n\t");
        for (size_t i = 0; i < line.len; i++)
            if (line.at[i] != '\r' && line.at[i] != '\0')
                text_append_byte(out, line.at[i]);
        first = false;
    }
}

static void append_field(struct text *out, struct slice name, struct slice value, bool as_is)
{
    text_append(out, name);
    text_append_c(out, as_is ? ":" : ": ");
    append_lines(out, value);
    text_append_c(out, "\r\n");
}

/* In the place of `gone` bytes at `at`: the field, or nothing when name is empty. */
static bool splice(struct text *section, size_t at, size_t gone, struct slice name,
                   struct slice value, bool as_is)
{
    struct text made = text_with_ceiling(section->ceiling);
    struct slice all = text_slice(section);
    text_append(&made, slice_first(all, at));
    if (name.len)
        append_field(&made, name, value, as_is);
    text_append(&made, slice_after(all, at + gone));
    if (made.truncated) {
        text_deinit(&made);
        return false;
    }
    text_deinit(section);
    *section = made;
    return true;
}

bool header_add(struct text *section, struct slice name, struct slice value, bool as_is)
{
    return is_name(name) && splice(section, section->len, 0, name, value, as_is);
}

bool header_insert(struct text *section, uint32_t index, struct slice name, struct slice value,
                   bool as_is)
{
    struct slice rest = text_slice(section);
    struct header_field field;
    for (uint32_t i = 0; i < index && header_take(&rest, &field); i++)
        continue;
    return is_name(name) && splice(section, section->len - rest.len, 0, name, value, as_is);
}

bool header_change(struct text *section, uint32_t index, struct slice name, struct slice value,
                   bool as_is)
{
    struct slice rest = text_slice(section);
    struct header_field field;
    uint32_t seen = 0;
    if (!is_name(name))
        return false;
    while (header_take(&rest, &field)) {
        if (!slice_equal_nocase(field.name, name) || ++seen < index)
            continue;
        size_t at = section->len - rest.len - field.whole.len;
        struct slice kept = value.len ? name : (struct slice){0};
        return splice(section, at, field.whole.len, kept, value, as_is);
    }
    return value.len == 0 || header_add(section, name, value, as_is);
}

void header_append_value(struct text *out, struct slice value, bool as_is)
{
    if (!as_is && value.len && is_blank(value.at[0]))
        value = slice_after(value, 1);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != '\r' && value.at[i] != '\0')
            text_append_byte(out, value.at[i]);
}
