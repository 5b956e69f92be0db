/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/der.h"

#include "base/attributes.h"
#include "base/number.h"

enum { LENGTH_BYTES_MAX = 3, ARC_BITS_KEPT = 57 };

static unsigned byte_at(struct slice s, size_t index)
{
    return (unsigned char)s.at[index];
}

/* X.690 8.1.3 and 10.1: the shortest form only. Steps over the length octets. */
static bool take_length(struct slice *rest, size_t *out_len)
{
    if (!rest->len)
        return false;
    unsigned first = byte_at(*rest, 0);
    size_t count = first < 0x80 ? 0 : first & 0x7f;
    if (first == 0x80 || count > LENGTH_BYTES_MAX || rest->len < 1 + count)
        return false;
    size_t len = count ? 0 : first;
    for (size_t i = 1; i <= count; i++)
        len = len << 8 | byte_at(*rest, i);
    if (count && (len < 0x80 || len >> (8 * (count - 1)) == 0))
        return false;
    *rest = slice_after(*rest, 1 + count);
    *out_len = len;
    return true;
}

bool der_take(struct slice *rest, struct der_element *out_element)
{
    if (rest->len < 2 || (byte_at(*rest, 0) & 0x1f) == 0x1f)
        return false;
    struct slice behind = slice_after(*rest, 1);
    size_t len;
    if (!take_length(&behind, &len) || len > behind.len)
        return false;
    out_element->tag = (uint8_t)byte_at(*rest, 0);
    out_element->contents = slice_first(behind, len);
    out_element->whole = slice_first(*rest, rest->len - behind.len + len);
    *rest = slice_after(behind, len);
    return true;
}

bool der_take_tag(struct slice *rest, uint8_t tag, struct slice *out_contents)
{
    struct slice behind = *rest;
    struct der_element element;
    if (!der_take(&behind, &element) || element.tag != tag)
        return false;
    *rest = behind;
    *out_contents = element.contents;
    return true;
}

bool der_append(struct text *text, uint8_t tag, struct slice contents)
{
    char head[2 + LENGTH_BYTES_MAX] = {(char)tag};
    size_t used = 1;
    if (contents.len >> (8 * LENGTH_BYTES_MAX))
        return false;
    if (contents.len < 0x80) {
        head[used++] = (char)contents.len;
    } else {
        size_t count = contents.len < 0x100 ? 1 : contents.len < 0x10000 ? 2 : 3;
        head[used++] = (char)(0x80 | count);
        for (size_t i = count; i-- > 0;)
            head[used++] = (char)(contents.len >> (8 * i) & 0xff);
    }
    size_t before = text->len;
    if (text_append(text, slice_bytes(head, used)) && text_append(text, contents))
        return true;
    text->len = before;
    return false;
}

/* X.690 8.19.2: base 128, most significant first, no leading 0x80. */
static bool take_arc(struct slice *rest, uint64_t *out_arc)
{
    if (!rest->len || byte_at(*rest, 0) == 0x80)
        return false;
    uint64_t arc = 0;
    for (size_t i = 0; i < rest->len; i++) {
        if (arc >> ARC_BITS_KEPT)
            return false;
        arc = arc << 7 | (byte_at(*rest, i) & 0x7f);
        if (byte_at(*rest, i) < 0x80) {
            *rest = slice_after(*rest, i + 1);
            *out_arc = arc;
            return true;
        }
    }
    return false;
}

static bool print_arcs(struct slice rest, struct text *out_dotted)
{
    uint64_t arc;
    if (!take_arc(&rest, &arc))
        return false;
    uint64_t first = arc < 80 ? arc / 40 : 2;
    bool ok = text_append_u64(out_dotted, first) && text_append_byte(out_dotted, '.') &&
              text_append_u64(out_dotted, arc - 40 * first);
    while (ok && rest.len)
        ok = take_arc(&rest, &arc) && text_append_byte(out_dotted, '.') &&
             text_append_u64(out_dotted, arc);
    return ok;
}

bool der_object_id_print(struct slice contents, struct text *out_dotted)
{
    size_t before = out_dotted->len;
    if (print_arcs(contents, out_dotted))
        return true;
    out_dotted->len = before;
    return false;
}

static bool append_arc(struct text *out, uint64_t arc)
{
    char bytes[10];
    size_t start = sizeof bytes;
    bytes[--start] = (char)(arc & 0x7f);
    while (arc >>= 7)
        bytes[--start] = (char)(0x80 | (arc & 0x7f));
    return text_append(out, slice_bytes(bytes + start, sizeof bytes - start));
}

static bool parse_arcs(struct slice rest, struct text *out)
{
    struct slice field;
    uint64_t first, arc;
    if (!slice_take_until(&rest, '.', &field) || !number_parse_u64(field, 2, &first))
        return false;
    if (!slice_take_field(&rest, '.', &field) ||
        !number_parse_u64(field, first < 2 ? 39 : UINT64_MAX - 80, &arc))
        return false;
    bool ok = append_arc(out, 40 * first + arc);
    while (ok && slice_take_field(&rest, '.', &field))
        ok = number_parse_u64(field, UINT64_MAX, &arc) && append_arc(out, arc);
    return ok;
}

bool der_object_id_parse(struct slice dotted, struct text *out_contents)
{
    size_t before = out_contents->len;
    bool whole = dotted.len && dotted.at[dotted.len - 1] != '.';
    if (whole && parse_arcs(dotted, out_contents))
        return true;
    out_contents->len = before;
    return false;
}
