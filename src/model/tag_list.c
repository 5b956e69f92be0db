/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tag_list.h"

enum { NAME_MAX_BYTES = 32 };

enum tag_list_outcome tag_list_choose(const struct slice *records, size_t count,
                                      struct slice version, struct slice *out_rest)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        struct slice record = records[i];
        if (!slice_take_prefix(&record, version))
            continue;
        *out_rest = record;
        found++;
    }
    return found == 1 ? TAG_LIST_OK : found ? TAG_LIST_SEVERAL : TAG_LIST_NONE;
}

static bool name_ok(struct slice name)
{
    if (!name.len || name.len > NAME_MAX_BYTES || !ascii_is_alnum(name.at[0]))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (!ascii_is_alnum(name.at[i]) && name.at[i] != '_' && name.at[i] != '-' &&
            name.at[i] != '.')
            return false;
    return true;
}

/* Visible ASCII; blanks stand only where a list has its commas (RFC 8460 3). */
static bool value_ok(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((value.at[i] < ' ' && value.at[i] != '\t') || value.at[i] > '~')
            return false;
    return value.len != 0;
}

enum tag_list_outcome tag_list_next(struct slice *rest, struct tag *out_tag)
{
    struct slice field;
    if (!slice_take_field(rest, ';', &field))
        return TAG_LIST_NONE;
    field = slice_trim(field);
    if (!field.len) /* one semicolon may end the record */
        return slice_trim(*rest).len ? TAG_LIST_MALFORMED : TAG_LIST_NONE;
    if (!slice_take_until(&field, '=', &out_tag->name) || !name_ok(out_tag->name) ||
        !value_ok(field))
        return TAG_LIST_MALFORMED;
    out_tag->value = field;
    return TAG_LIST_OK;
}
