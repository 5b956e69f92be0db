/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/octets.h"

/* Every CR is followed by LF and every LF follows a CR exactly when they pair up in order: so it is
 * enough to step from one CR to the next and to see that no LF lies in between. */
void octets_take(struct octets *octets, struct slice content)
{
    while (content.len && !octets->bad_byte) {
        if (octets->after_cr) {
            octets->bad_byte = content.at[0] != '\n';
            octets->after_cr = false;
            content = slice_after(content, 1);
            continue;
        }
        struct slice plain = content;
        size_t unused;
        octets->after_cr = slice_take_until(&content, '\r', &plain);
        if (!octets->after_cr)
            content = slice_after(content, content.len);
        octets->bad_byte = slice_find(plain, '\n', &unused) || slice_find(plain, '\0', &unused);
    }
}

bool octets_are_lines(const struct octets *octets)
{
    return !octets->bad_byte && !octets->after_cr;
}
