/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/nearest.h"

enum { NAME_LOOKED_AT = 64, NEAR_MAX = 4 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

size_t name_distance(struct slice a, struct slice b)
{
    a = slice_first(a, NAME_LOOKED_AT);
    b = slice_first(b, NAME_LOOKED_AT);
    size_t longer = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (longer > NEAR_MAX) /* at least that far, and too far for anybody */
        return longer;
    size_t row[NAME_LOOKED_AT + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            size_t changed = ascii_lower(a.at[i - 1]) != ascii_lower(b.at[j - 1]);
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + changed);
            diagonal = above;
        }
    }
    return row[b.len];
}

bool name_near_enough(size_t distance, size_t len)
{
    return distance <= (len > 12 ? NEAR_MAX : len > 6 ? 3 : len > 3 ? 2 : 1);
}
