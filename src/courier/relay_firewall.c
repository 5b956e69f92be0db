/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the organization stay at home (the header firewall, on the way out): what servers of
 * one organization tell each other about a message is nobody else's business. A server that is the
 * other half of it gets them under the name that says so. */
#include "courier/relay_state.h"

enum {
    AT_HOME = HEADER_FAMILY_ORGANIZATION | HEADER_FAMILY_FOREST | HEADER_FAMILY_CROSS_PREMISES,
    HEADER_PIECE_MAX = SEND_PIECE_MAX / 2, /* renamed fields are longer */
    LONGER_MAX = 1024,                     /* and so is what SIZE announces (RFC 1870 6.3) */
};

void relay_begin_firewall(struct relay *relay)
{
    relay->firewall = (struct header_scan){.removes = AT_HOME};
    if (!relay->order.cloud_services_mail)
        return;
    relay->firewall.demotes = HEADER_FAMILY_ORGANIZATION;
    relay->transaction.size_bytes += LONGER_MAX;
}

size_t relay_piece_max(const struct relay *relay)
{
    return header_scan_ended(&relay->firewall) ? SEND_PIECE_MAX : HEADER_PIECE_MAX;
}

static void pass_header(struct relay *relay, struct slice piece, bool last)
{
    char storage[SEND_PIECE_MAX];
    struct text passed = text_over(storage, sizeof storage);
    struct slice part;
    while (header_scan_take(&relay->firewall, &piece, &part) != HEADER_SCAN_MORE)
        text_append(&passed, part);
    if (last && header_scan_finish(&relay->firewall, &part))
        text_append(&passed, part);
    send_session_body(&relay->session, text_slice(&passed), last);
}

void relay_pass_body(struct relay *relay, struct slice piece, bool last)
{
    if (header_scan_ended(&relay->firewall))
        send_session_body(&relay->session, piece, last);
    else
        pass_header(relay, piece, last);
}
