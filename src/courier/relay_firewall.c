/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the organization stay at home (the header firewall, on the way out): what servers of
 * one organization tell each other about a message is nobody else's business. A server that is the
 * other half of it gets them under the name that says so, and the one that holds our mailboxes is
 * at home. */
#include "courier/relay_state.h"

enum {
    AT_HOME = HEADER_FAMILY_ORGANIZATION | HEADER_FAMILY_FOREST | HEADER_FAMILY_CROSS_PREMISES,
    HEADER_PIECE_MAX = SEND_PIECE_MAX / 2, /* renamed fields are longer */
    LONGER_MAX = 1024,                     /* and so is what SIZE announces (RFC 1870 6.3) */
};

struct header_scan relay_firewall(const struct relay *relay)
{
    bool renames = relay->order.cloud_services_mail;
    return (struct header_scan){.removes = relay->order.lmtp ? 0 : AT_HOME,
                                .demotes = renames ? HEADER_FAMILY_ORGANIZATION : 0};
}

void relay_begin_firewall(struct relay *relay)
{
    relay->firewall = relay_firewall(relay);
    if (relay->firewall.demotes)
        relay->transaction.size_bytes += LONGER_MAX;
}

size_t relay_piece_max(const struct header_scan *firewall)
{
    return header_scan_ended(firewall) ? SEND_PIECE_MAX : HEADER_PIECE_MAX;
}

struct slice relay_pass(struct header_scan *firewall, struct slice piece, bool last,
                        struct text *room)
{
    struct slice part;
    if (header_scan_ended(firewall))
        return piece;
    while (header_scan_take(firewall, &piece, &part) != HEADER_SCAN_MORE)
        text_append(room, part);
    if (last && header_scan_finish(firewall, &part))
        text_append(room, part);
    return text_slice(room);
}
