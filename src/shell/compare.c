/* SPDX-License-Identifier: Apache-2.0 */
/* Which of two data is larger, and whether they are equal. */
#include "shell/convert.h"

enum { WRITTEN_MAX = 256 };

int slice_compare_text(struct slice a, struct slice b, bool cased)
{
    return cased ? slice_compare(a, b) : slice_compare_nocase(a, b);
}

static int order(double left, double right)
{
    return left < right ? -1 : left > right ? 1 : 0;
}

static int order_whole(int64_t left, int64_t right)
{
    return left < right ? -1 : left > right ? 1 : 0;
}

static bool compare_text(struct datum left, struct datum right, bool cased, int *out)
{
    if (right.kind == DATUM_TEXT) {
        *out = slice_compare_text(datum_slice(left), datum_slice(right), cased);
        return true;
    }
    if (datum_has_cell(right))
        return false;
    char storage[WRITTEN_MAX];
    struct text text = text_over(storage, sizeof(storage));
    datum_append(&text, right);
    *out = slice_compare_text(datum_slice(left), text_slice(&text), cased);
    return true;
}

static bool compare_moment(struct datum left, struct datum right, int *out)
{
    int64_t other;
    bool date = left.kind == DATUM_DATE;
    if (!(date ? datum_to_date(right, &other) : datum_to_span(right, &other)))
        return false;
    *out = order_whole(left.number, other);
    return true;
}

static bool compare_number(struct datum left, struct datum right, int *out)
{
    double a, b;
    bool whole =
        left.kind != DATUM_REAL && (right.kind == DATUM_INTEGER || right.kind == DATUM_SIZE);
    if (whole) {
        *out = order_whole(left.number, right.number);
        return true;
    }
    if (!datum_to_real(left, &a) || !datum_to_real(right, &b))
        return false;
    *out = order(a, b);
    return true;
}

bool datum_compare(struct datum left, struct datum right, bool cased, int *out)
{
    if (left.kind == DATUM_NULL || right.kind == DATUM_NULL) {
        *out = (left.kind != DATUM_NULL) - (right.kind != DATUM_NULL);
        return true;
    }
    switch (left.kind) {
    case DATUM_BOOL:
        *out = (int)left.yes - (int)datum_is_true(right);
        return true;
    case DATUM_INTEGER:
    case DATUM_REAL:
    case DATUM_SIZE:
        return compare_number(left, right, out);
    case DATUM_DATE:
    case DATUM_SPAN:
        return compare_moment(left, right, out);
    case DATUM_TEXT:
        return compare_text(left, right, cased, out);
    case DATUM_SECRET:
    case DATUM_BYTES:
        if (right.kind != left.kind)
            return false;
        *out = slice_compare(datum_slice(left), datum_slice(right));
        return true;
    case DATUM_NULL:
    case DATUM_TYPE:
    case DATUM_LIST:
    case DATUM_OBJECT:
    case DATUM_TABLE:
    case DATUM_BLOCK:
        break;
    }
    return false;
}

bool datum_equal(struct datum left, struct datum right, bool cased)
{
    int compared;
    if (datum_has_cell(left) && datum_has_cell(right) && left.cell == right.cell)
        return true;
    return datum_compare(left, right, cased, &compared) && compared == 0;
}
