/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/name.h"

enum { POINTER = 0xc0, POINTERS_MAX = DNS_NAME_WIRE_MAX / 2 };

static unsigned byte_at(struct slice packet, size_t at)
{
    return (unsigned char)packet.at[at];
}

static bool append_label(struct slice label, struct text *out)
{
    bool ok = true;
    for (size_t i = 0; ok && i < label.len; i++) {
        unsigned char byte = (unsigned char)label.at[i];
        if (byte <= ' ' || byte > '~' || byte == '.' || byte == '\\')
            ok = text_append_format(out, "\\%03u", byte);
        else
            ok = text_append_byte(out, ascii_lower(label.at[i]));
    }
    return ok;
}

struct walk {
    size_t at, limit;     /* where it reads; a pointer must lead below the limit */
    size_t behind;        /* the name where it stands first; 0 until that is known */
    size_t wire, written; /* length so far; labels */
    size_t pointers;
};

static bool follow_pointer(struct slice packet, struct walk *walk)
{
    if (walk->at + 2 > packet.len)
        return false;
    size_t target = (byte_at(packet, walk->at) & 0x3fu) << 8 | byte_at(packet, walk->at + 1);
    if (target >= walk->limit || ++walk->pointers > POINTERS_MAX)
        return false;
    if (!walk->behind)
        walk->behind = walk->at + 2;
    walk->at = walk->limit = target;
    return true;
}

static bool take_label(struct slice packet, struct walk *walk, struct text *out)
{
    size_t len = byte_at(packet, walk->at);
    if (len > DNS_LABEL_MAX || walk->at + 1 + len > packet.len)
        return false;
    walk->wire += 1 + len;
    if (walk->wire > DNS_NAME_WIRE_MAX - 1) /* the root's byte comes yet */
        return false;
    struct slice label = {packet.at + walk->at + 1, len};
    walk->at += 1 + len;
    return (!walk->written++ || text_append_byte(out, '.')) && append_label(label, out);
}

bool dns_name_read(struct slice packet, size_t *at, struct text *out)
{
    struct walk walk = {.at = *at, .limit = *at};
    for (;;) {
        if (walk.at >= packet.len)
            return false;
        unsigned first = byte_at(packet, walk.at);
        if (!first)
            break;
        bool ok = first >= POINTER ? follow_pointer(packet, &walk) : take_label(packet, &walk, out);
        if (!ok)
            return false;
    }
    *at = walk.behind ? walk.behind : walk.at + 1;
    return walk.written || text_append_byte(out, '.');
}
