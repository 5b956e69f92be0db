/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/header_family.h"

#include "base/attributes.h"

static const struct {
    struct slice name;
    bool whole; /* else all names that begin so */
    enum header_family family;
} rows[] = {
    {SLICE_INIT("Received"), true, HEADER_FAMILY_ROUTING},
    {SLICE_INIT("Resent-"), false, HEADER_FAMILY_ROUTING},
    {HEADER_ORGANIZATION_INIT, false, HEADER_FAMILY_ORGANIZATION},
    {SLICE_INIT("X-MS-Exchange-Forest-"), false, HEADER_FAMILY_FOREST},
    {HEADER_CROSS_PREMISES_INIT, false, HEADER_FAMILY_CROSS_PREMISES},
};

unsigned header_family_of(struct slice field_name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_starts_nocase(field_name, rows[i].name) &&
            (!rows[i].whole || field_name.len == rows[i].name.len))
            return rows[i].family;
    return 0;
}
