/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rows.h"

void row_expect_slice(const char *row, struct slice seen, struct slice expected)
{
    if (!slice_equal(seen, expected))
        fail_msg("row %s: saw \"%.*s\", expected \"%.*s\"", row, SLICE_ARG(seen),
                 SLICE_ARG(expected));
}

void row_expect(const char *row, const char *what, long long seen, long long expected)
{
    if (seen != expected)
        fail_msg("row %s: %s is %lld, expected %lld", row, what, seen, expected);
}
