/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/distinguished_name.h"

#include "base/hex.h"
#include "settings/kind.h"
#include "tls/attribute_type.h"
#include "tls/canonical_name.h"
#include "tls/directory_string.h"

struct attribute {
    struct slice object_id;
    struct der_element value;
};

/* RFC 5280 4.1.2.4: Name is a sequence of sets of (type, value). */
static bool take_name(struct slice der, struct slice *out_rdns)
{
    return der_take_tag(&der, DER_SEQUENCE, out_rdns) && der.len == 0;
}

static bool take_attribute(struct slice *set, struct attribute *out)
{
    struct slice pair;
    return der_take_tag(set, DER_SEQUENCE, &pair) &&
           der_take_tag(&pair, DER_OBJECT_ID, &out->object_id) &&
           out->object_id.len <= CANONICAL_OBJECT_ID_MAX && der_take(&pair, &out->value) &&
           pair.len == 0;
}

static bool needs_quotes(struct slice value)
{
    if (!value.len)
        return true;
    char ends[] = {value.at[0], value.at[value.len - 1]};
    for (size_t i = 0; i < sizeof ends; i++)
        if (ends[i] == ' ' || (ends[i] >= '\t' && ends[i] <= '\r'))
            return true;
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] && slice_find(SLICE(",+=\"\n<>#;"), value.at[i], &(size_t){0}))
            return true;
    return false;
}

static bool append_quoted(struct text *out, struct slice value)
{
    bool ok = text_append_byte(out, '"');
    for (size_t i = 0; ok && i < value.len; i++)
        ok = (value.at[i] != '"' || text_append_byte(out, '"')) &&
             text_append_byte(out, value.at[i]);
    return ok && text_append_byte(out, '"');
}

static bool print_value(struct text *out, const struct der_element *value)
{
    CLEANUP(text_deinit) struct text utf8 = text_with_ceiling(CANONICAL_BYTES_MAX);
    if (!directory_string_utf8(value, &utf8) || !text_is_printable(text_slice(&utf8)))
        return !utf8.truncated && value->whole.len <= CANONICAL_RAW_VALUE_MAX &&
               text_append_byte(out, '#') && hex_append_upper(out, value->whole);
    return needs_quotes(text_slice(&utf8)) ? append_quoted(out, text_slice(&utf8))
                                           : text_append(out, text_slice(&utf8));
}

static bool print_rdn(struct text *out, struct slice set)
{
    struct attribute attribute;
    for (bool first = true; first || set.len; first = false)
        if (!take_attribute(&set, &attribute) || (!first && !text_append_c(out, " + ")) ||
            !attribute_type_print(attribute.object_id, out) || !text_append_byte(out, '=') ||
            !print_value(out, &attribute.value))
            return false;
    return true;
}

static bool print_name(struct slice der, struct text *out)
{
    struct slice rest, rdns[CANONICAL_ATTRIBUTES_MAX];
    size_t count = 0;
    if (!take_name(der, &rest))
        return false;
    for (; rest.len; count++)
        if (count == COUNT_OF(rdns) || !der_take_tag(&rest, DER_SET, &rdns[count]))
            return false;
    for (size_t i = count; i-- > 0;)
        if (!print_rdn(out, rdns[i]) || (i && !text_append_c(out, ", ")))
            return false;
    return true;
}

bool distinguished_name_print(struct slice der, struct text *out)
{
    size_t before = out->len;
    if (print_name(der, out))
        return true;
    out->len = before;
    return false;
}

static bool collect(struct slice rest, struct canonical_name *name)
{
    struct slice set;
    struct attribute attribute;
    while (rest.len) {
        if (!der_take_tag(&rest, DER_SET, &set) || !set.len)
            return false;
        while (set.len)
            if (!take_attribute(&set, &attribute) ||
                !canonical_name_add_value(name, attribute.object_id, &attribute.value))
                return false;
        canonical_name_next_rdn(name);
    }
    return true;
}

bool distinguished_name_canonical(struct slice der, struct text *out)
{
    struct slice rdns;
    CLEANUP(canonical_name_deinit) struct canonical_name name;
    canonical_name_init(&name);
    return take_name(der, &rdns) && collect(rdns, &name) &&
           canonical_name_finish(&name, false, out);
}

bool distinguished_name_common_name(struct slice der, struct text *out)
{
    struct slice rdns, set;
    struct attribute attribute;
    struct der_element found = {0};
    if (!take_name(der, &rdns))
        return false;
    while (der_take_tag(&rdns, DER_SET, &set))
        while (take_attribute(&set, &attribute))
            if (slice_equal(attribute.object_id, SLICE("\x55\x04\x03")))
                found = attribute.value;
    return found.whole.len && directory_string_utf8(&found, out);
}
