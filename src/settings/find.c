/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by their name, its abbreviation, or what it was probably meant to be. */
#include "settings/setting.h"

enum { NAME_MAX_BYTES = 64 };

size_t settings_count(const struct setting *rows)
{
    size_t count = 0;
    while (rows[count].name)
        count++;
    return count;
}

const struct setting *setting_exact(const struct setting *rows, struct slice name)
{
    for (; rows->name; rows++)
        if (slice_equal_nocase(slice_of(rows->name), name))
            return rows;
    return NULL;
}

static bool is_visible(const struct setting *row)
{
    return !(row->flags & SETTING_HIDDEN);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to insert, drop or replace to make one name the other, case ignored. */
static size_t distance(struct slice a, struct slice b)
{
    size_t costs[NAME_MAX_BYTES + 1];
    b = slice_first(b, NAME_MAX_BYTES);
    for (size_t k = 0; k <= b.len; k++)
        costs[k] = k;
    for (size_t i = 0; i < a.len; i++) {
        size_t diagonal = costs[0];
        costs[0] = i + 1;
        for (size_t k = 0; k < b.len; k++) {
            size_t replaced = diagonal + (ascii_lower(a.at[i]) != ascii_lower(b.at[k]));
            diagonal = costs[k + 1];
            costs[k + 1] = smaller(replaced, smaller(costs[k], diagonal) + 1);
        }
    }
    return costs[b.len];
}

static const struct setting *nearest(const struct setting *rows, struct slice name)
{
    const struct setting *best = NULL;
    size_t best_distance = name.len / 3 + 1;
    for (; rows->name && name.len <= NAME_MAX_BYTES; rows++) {
        size_t d = distance(name, slice_of(rows->name));
        if (is_visible(rows) && d <= best_distance && (!best || d < best_distance)) {
            best = rows;
            best_distance = d;
        }
    }
    return best;
}

static void explain_unknown(const struct setting *rows, struct slice name, struct text *error)
{
    const struct setting *meant = nearest(rows, name);
    text_append_c(error, "There is no parameter \"");
    text_append_escaped(error, name, NAME_MAX_BYTES);
    text_append_c(error, "\".");
    if (meant)
        text_append_format(error, " Did you mean %s?", meant->name);
}

static void explain_ambiguous(const struct setting *rows, struct slice name, struct text *error)
{
    text_append_c(error, "\"");
    text_append_escaped(error, name, NAME_MAX_BYTES);
    text_append_c(error, "\" may mean ");
    const char *between = "";
    for (; rows->name; rows++)
        if (is_visible(rows) && slice_starts_nocase(slice_of(rows->name), name)) {
            text_append_format(error, "%s%s", between, rows->name);
            between = ", ";
        }
    text_append_c(error, ". Write more of its name.");
}

enum setting_found setting_find(const struct setting *rows, struct slice name,
                                const struct setting **out_row, struct text *error)
{
    const struct setting *found = setting_exact(rows, name);
    size_t matches = found && is_visible(found);
    for (const struct setting *row = rows; matches == 0 && name.len && row->name; row++)
        if (is_visible(row) && slice_starts_nocase(slice_of(row->name), name)) {
            found = row;
            for (const struct setting *other = rows; other->name; other++)
                matches += is_visible(other) && slice_starts_nocase(slice_of(other->name), name);
        }
    if (matches == 1) {
        *out_row = found;
        return SETTING_FOUND;
    }
    if (error && matches)
        explain_ambiguous(rows, name, error);
    else if (error)
        explain_unknown(rows, name, error);
    return matches ? SETTING_AMBIGUOUS : SETTING_UNKNOWN;
}
