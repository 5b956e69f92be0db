/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/octets.h"

#include <string.h>

static const char *find(const char *from, const char *end, char byte)
{
    return from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;
}

/* How far the content is passed on as it stands: to its end, or up to an LF that is to be mended.
 * Every CR is followed by LF and every LF follows a CR exactly when they pair up in order: so it is
 * enough to step from one CR to the next and to see that no LF lies in between. */
static size_t scan(struct octets *octets, struct slice content)
{
    const char *from = content.at, *end = content.at + content.len;
    while (from < end) {
        if (octets->after_cr) {
            octets->after_cr = false;
            octets->bad_byte |= *from != '\n';
            from += *from == '\n';
            continue;
        }
        const char *cr = find(from, end, '\r');
        const char *lf = find(from, cr ? cr : end, '\n');
        if (lf && octets->mends_bare_lf)
            return (size_t)(lf - content.at);
        octets->bad_byte |= lf != NULL;
        octets->after_cr = cr != NULL;
        from = cr ? cr + 1 : end;
    }
    return content.len;
}

bool octets_take(struct octets *octets, struct slice *input, struct slice *out_piece)
{
    *out_piece = (struct slice){0};
    if (input->len == 0)
        return false;
    size_t len = scan(octets, *input);
    bool mended = len == 0;
    *out_piece = mended ? SLICE("\r\n") : slice_first(*input, len);
    *input = slice_after(*input, mended ? 1 : len);
    octets->bad_byte = octets->bad_byte || memchr(out_piece->at, '\0', out_piece->len);
    return true;
}

bool octets_are_lines(const struct octets *octets)
{
    return !octets->bad_byte && !octets->after_cr;
}
