/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "tls/attribute_type.h"
#include "tls/canonical_name.h"
#include "tls/directory_string.h"
#include "tls/distinguished_name.h"

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct slice *rest)
{
    while (rest->len && is_blank(rest->at[0]))
        *rest = slice_after(*rest, 1);
}

static struct slice trim_end(struct slice s)
{
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

static bool take_type(struct slice *rest, struct text *out_object_id)
{
    struct slice written;
    skip_blanks(rest);
    return slice_take_until(rest, '=', &written) &&
           attribute_type_parse(trim_end(written), out_object_id);
}

/* "..." with "" for one quote; rest begins behind the opening one. */
static bool take_quoted(struct slice *rest, struct text *out)
{
    struct slice piece;
    while (slice_take_until(rest, '"', &piece)) {
        if (!text_append(out, piece))
            return false;
        if (!slice_take_prefix(rest, SLICE("\"")))
            return true;
        if (!text_append_byte(out, '"'))
            return false;
    }
    return false;
}

/* Up to the next separator; what would have to be quoted is refused. */
static bool take_plain(struct slice *rest, struct slice *out)
{
    size_t len = 0;
    for (; len < rest->len; len++) {
        char c = rest->at[len];
        if (c == ',' || c == ';' || c == '+')
            break;
        if (c == '"' || c == '=' || c == '<' || c == '>')
            return false;
    }
    *out = trim_end(slice_first(*rest, len));
    *rest = slice_after(*rest, len);
    return true;
}

static bool add_hex(struct canonical_name *name, struct slice object_id, struct slice digits)
{
    char bytes[CANONICAL_RAW_VALUE_MAX];
    size_t len;
    struct der_element value;
    if (!hex_decode(digits, bytes, sizeof bytes, &len))
        return false;
    struct slice rest = slice_bytes(bytes, len);
    return der_take(&rest, &value) && rest.len == 0 &&
           canonical_name_add_value(name, object_id, &value);
}

static bool take_value(struct slice *rest, struct canonical_name *name, struct slice object_id)
{
    struct slice plain;
    skip_blanks(rest);
    if (slice_take_prefix(rest, SLICE("#")))
        return take_plain(rest, &plain) && add_hex(name, object_id, plain);
    if (!slice_take_prefix(rest, SLICE("\"")))
        return take_plain(rest, &plain) && canonical_name_add_text(name, object_id, plain);
    CLEANUP(text_deinit) struct text quoted = text_with_ceiling(CANONICAL_BYTES_MAX);
    return take_quoted(rest, &quoted) &&
           canonical_name_add_text(name, object_id, text_slice(&quoted));
}

static bool take_attribute(struct slice *rest, struct canonical_name *name)
{
    char storage[CANONICAL_OBJECT_ID_MAX];
    struct text object_id = text_over(storage, sizeof storage);
    bool ok = take_type(rest, &object_id) && take_value(rest, name, text_slice(&object_id));
    skip_blanks(rest);
    return ok;
}

static bool take_name(struct slice rest, struct canonical_name *name)
{
    skip_blanks(&rest);
    if (!rest.len)
        return true;
    for (;;) {
        if (!take_attribute(&rest, name))
            return false;
        if (!rest.len)
            return true;
        if (!slice_take_prefix(&rest, SLICE("+"))) {
            if (rest.at[0] != ',' && rest.at[0] != ';')
                return false;
            rest = slice_after(rest, 1);
            canonical_name_next_rdn(name);
        }
    }
}

static bool parse(struct slice written, bool as_written, struct text *out)
{
    CLEANUP(canonical_name_deinit) struct canonical_name name;
    canonical_name_init(&name);
    name.as_written = as_written;
    return utf8_ok(written) && take_name(written, &name) && canonical_name_finish(&name, true, out);
}

bool distinguished_name_parse(struct slice written, struct text *out_canonical)
{
    return parse(written, false, out_canonical);
}

bool distinguished_name_encode(struct slice written, struct text *out_der)
{
    return parse(written, true, out_der);
}
