/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/difference.h"

#include "hub/handlers/object.h"

enum { VALUE_MAX = 65536, SHOWN_MAX = 1000 };

/* WhenChanged, WhenCreated: not of a certificate's own, such as NotAfter. */
static bool is_own_time(const struct setting *row)
{
    return row->kind == SETTING_TIME && (row->offset == offsetof(struct object, created_ms) ||
                                         row->offset == offsetof(struct object, changed_ms));
}

static void print(const struct setting *row, const void *object, struct text *shown)
{
    struct text value = text_with_ceiling(VALUE_MAX);
    if (object)
        setting_print(row, object, &value);
    if (value.len == 0)
        text_append_c(shown, "(nothing)");
    append_clean(shown, slice_first(text_slice(&value), SHOWN_MAX));
    if (value.len > SHOWN_MAX)
        text_append_c(shown, "...");
    text_deinit(&value);
}

static void show(const struct setting *row, const void *before, const void *after,
                 difference_fn *each, void *context)
{
    struct text old = text_with_ceiling(VALUE_MAX), new = text_with_ceiling(VALUE_MAX);
    print(row, before, &old);
    print(row, after, &new);
    struct difference difference = {row->name, text_slice(&old), text_slice(&new)};
    if ((before && after) || !slice_equal(difference.before, difference.after))
        each(context, &difference);
    text_deinit(&old);
    text_deinit(&new);
}

void difference_each(enum model_kind kind, const void *before, const void *after,
                     difference_fn *each, void *context)
{
    for (const struct setting *row = model_kind_facts(kind)->settings; row->name; row++) {
        bool same = before && after && setting_equal(row, before, after);
        if (!same && !(row->flags & SETTING_HIDDEN) && !is_own_time(row))
            show(row, before, after, each, context);
    }
}

bool difference_is_none(enum model_kind kind, const void *before, const void *after)
{
    for (const struct setting *row = model_kind_facts(kind)->settings; row->name; row++)
        if (!is_own_time(row) && row->offset != offsetof(struct object, version) &&
            !setting_equal(row, before, after))
            return false;
    return true;
}
