/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/canonical_name.h"

#include "base/attributes.h"
#include "tls/directory_string.h"

#include <stdlib.h>

void canonical_name_init(struct canonical_name *name)
{
    *name = (struct canonical_name){.bytes = text_with_ceiling(CANONICAL_BYTES_MAX)};
}

void canonical_name_deinit(struct canonical_name *name)
{
    text_deinit(&name->bytes);
}

void canonical_name_next_rdn(struct canonical_name *name)
{
    name->rdn_count++;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Lower case, runs of blanks as one, none at the ends. */
static bool append_folded(struct text *out, struct slice utf8)
{
    size_t before = out->len;
    bool gap = false;
    for (size_t i = 0; i < utf8.len; i++) {
        if (is_blank(utf8.at[i])) {
            gap = out->len > before;
            continue;
        }
        if ((gap && !text_append_byte(out, ' ')) || !text_append_byte(out, ascii_lower(utf8.at[i])))
            return false;
        gap = false;
    }
    return true;
}

static bool object_id_ok(struct slice object_id)
{
    char storage[4 * CANONICAL_OBJECT_ID_MAX];
    struct text dotted = text_over(storage, sizeof storage);
    return object_id.len <= CANONICAL_OBJECT_ID_MAX && der_object_id_print(object_id, &dotted);
}

static bool add(struct canonical_name *name, struct slice object_id, struct slice value)
{
    if (name->count == CANONICAL_ATTRIBUTES_MAX || !object_id_ok(object_id))
        return false;
    CLEANUP(text_deinit) struct text pair = text_with_ceiling(CANONICAL_BYTES_MAX);
    size_t at = name->bytes.len;
    if (!der_append(&pair, DER_OBJECT_ID, object_id) || !text_append(&pair, value) ||
        !der_append(&name->bytes, DER_SEQUENCE, text_slice(&pair)))
        return false;
    name->attributes[name->count++] =
        (struct canonical_attribute){at, name->bytes.len - at, name->rdn_count};
    return true;
}

/* --- as it was written --- */

/* Attributes that are no UTF8String, with the length that RFC 5280 A.1 prescribes (0: any). */
static const struct {
    struct slice object_id;
    uint8_t tag;
    size_t len;
} narrow_types[] = {
    {SLICE_INIT("\x55\x04\x06"), DER_PRINTABLE_STRING, 2},                       /* C */
    {SLICE_INIT("\x55\x04\x05"), DER_PRINTABLE_STRING, 0},                       /* SERIALNUMBER */
    {SLICE_INIT("\x55\x04\x2e"), DER_PRINTABLE_STRING, 0},                       /* dnQualifier */
    {SLICE_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), DER_IA5_STRING, 0},     /* E */
    {SLICE_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"), DER_IA5_STRING, 0}, /* DC */
};

static bool add_written(struct canonical_name *name, struct slice object_id, struct slice utf8)
{
    CLEANUP(text_deinit) struct text value = text_with_ceiling(CANONICAL_BYTES_MAX);
    uint8_t tag = DER_UTF8_STRING;
    for (size_t i = 0; i < COUNT_OF(narrow_types); i++) {
        if (!slice_equal(narrow_types[i].object_id, object_id))
            continue;
        tag = narrow_types[i].tag;
        if (!slice_all_ascii(utf8) || (narrow_types[i].len && utf8.len != narrow_types[i].len))
            return false;
    }
    return utf8.len && der_append(&value, tag, utf8) && add(name, object_id, text_slice(&value));
}

bool canonical_name_add_text(struct canonical_name *name, struct slice object_id, struct slice utf8)
{
    if (name->as_written)
        return add_written(name, object_id, utf8);
    CLEANUP(text_deinit) struct text folded = text_with_ceiling(CANONICAL_BYTES_MAX);
    CLEANUP(text_deinit) struct text value = text_with_ceiling(CANONICAL_BYTES_MAX);
    return append_folded(&folded, utf8) &&
           der_append(&value, DER_UTF8_STRING, text_slice(&folded)) &&
           add(name, object_id, text_slice(&value));
}

bool canonical_name_add_value(struct canonical_name *name, struct slice object_id,
                              const struct der_element *value)
{
    CLEANUP(text_deinit) struct text utf8 = text_with_ceiling(CANONICAL_BYTES_MAX);
    if (directory_string_utf8(value, &utf8))
        return canonical_name_add_text(name, object_id, text_slice(&utf8));
    return !utf8.truncated && value->whole.len <= CANONICAL_RAW_VALUE_MAX &&
           add(name, object_id, value->whole);
}

static int compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static bool append_rdn(const struct canonical_name *name, size_t rdn, struct text *body)
{
    struct slice members[CANONICAL_ATTRIBUTES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < name->count; i++)
        if (name->attributes[i].rdn == rdn)
            members[count++] =
                slice_bytes(name->bytes.at + name->attributes[i].at, name->attributes[i].len);
    qsort(members, count, sizeof members[0], compare_slices);
    CLEANUP(text_deinit) struct text set = text_with_ceiling(CANONICAL_BYTES_MAX);
    for (size_t i = 0; i < count; i++)
        if (!text_append(&set, members[i]))
            return false;
    return count == 0 || der_append(body, DER_SET, text_slice(&set));
}

bool canonical_name_finish(struct canonical_name *name, bool reversed, struct text *out)
{
    CLEANUP(text_deinit) struct text body = text_with_ceiling(CANONICAL_BYTES_MAX);
    for (size_t i = 0; i <= name->rdn_count; i++)
        if (!append_rdn(name, reversed ? name->rdn_count - i : i, &body))
            return false;
    return der_append(out, DER_SEQUENCE, text_slice(&body));
}
