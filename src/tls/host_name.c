/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/host_name.h"

#include "base/ip.h"

enum { HOST_NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63 };

static bool label_ok(struct slice label)
{
    if (!label.len || label.len > LABEL_MAX_BYTES || label.at[0] == '-' ||
        label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.at[i]) && label.at[i] != '-' && label.at[i] != '_')
            return false;
    return true;
}

bool host_name_ok(struct slice name, bool wildcard)
{
    struct ip_address address;
    size_t labels = 0, needed = 1;
    if (name.len > HOST_NAME_MAX_BYTES || (name.len && name.at[name.len - 1] == '.') ||
        ip_parse(name, &address))
        return false;
    if (wildcard && slice_take_prefix(&name, SLICE("*.")))
        needed = 2;
    for (struct slice label; slice_take_field(&name, '.', &label); labels++)
        if (!label_ok(label))
            return false;
    return labels >= needed;
}

bool host_name_matches(struct slice pattern, struct slice name)
{
    if (!host_name_ok(pattern, true) || !host_name_ok(name, false))
        return false;
    if (slice_take_prefix(&pattern, SLICE("*."))) {
        struct slice label;
        if (!slice_take_until(&name, '.', &label))
            return false;
    }
    return slice_equal_nocase(pattern, name);
}
