/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/uuid.h"

#include "base/hex.h"

static const size_t group_bytes[] = {4, 2, 2, 2, 6};

bool uuid_append(struct text *text, const uint8_t bytes[16])
{
    size_t from = 0;
    for (size_t i = 0; i < COUNT_OF(group_bytes); i++) {
        if ((i && !text_append_byte(text, '-')) ||
            !hex_append_lower(text, slice_bytes(bytes + from, group_bytes[i])))
            return false;
        from += group_bytes[i];
    }
    return true;
}

bool uuid_parse(struct slice written, uint8_t out_bytes[16])
{
    if (slice_take_prefix(&written, SLICE("{"))) {
        if (!slice_ends_nocase(written, SLICE("}")))
            return false;
        written.len--;
    }
    size_t from = 0;
    uint8_t bytes[16];
    for (size_t i = 0; i < COUNT_OF(group_bytes); i++) {
        size_t len;
        if (i && !slice_take_prefix(&written, SLICE("-")))
            return false;
        struct slice group = slice_first(written, 2 * group_bytes[i]);
        if (!hex_decode(group, bytes + from, group_bytes[i], &len) || len != group_bytes[i])
            return false;
        written = slice_after(written, group.len);
        from += len;
    }
    if (written.len)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        out_bytes[i] = bytes[i];
    return true;
}
