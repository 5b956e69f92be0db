/* SPDX-License-Identifier: Apache-2.0 */
/* What a message needs of the server. The client that brought it has said so, and many say
 * BODY=8BITMIME and SMTPUTF8 of every message; so where a server does not offer them, the message
 * is looked at: what is all ASCII needs neither (RFC 6152 3, RFC 6531 3.3). */
#include "courier/relay_state.h"

#include <unistd.h>

enum { LOOKED_AT_MAX = 16 << 20, PIECE_BYTES = 16384 }; /* of a longer one the word is taken */

struct look {
    bool body_is_ascii, header_is_ascii;
    bool in_header;
    size_t line_len; /* without CR */
};

static void look_at(struct look *look, struct slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        unsigned char c = (unsigned char)piece.at[i];
        if (c >= 0x80 && look->in_header)
            look->header_is_ascii = false;
        else if (c >= 0x80)
            look->body_is_ascii = false;
        if (c == '\n' && look->line_len == 0)
            look->in_header = false;
        look->line_len = c == '\n' ? 0 : look->line_len + (c != '\r');
    }
}

/* False: it cannot be read, or is too long to be. */
static bool look_through(const struct relay *relay, struct look *look)
{
    char piece[PIECE_BYTES];
    uint64_t done = 0;
    *look = (struct look){.body_is_ascii = true, .header_is_ascii = true, .in_header = true};
    while (relay->body_left <= LOOKED_AT_MAX && done < relay->body_left) {
        uint64_t left = relay->body_left - done;
        size_t wanted = left < sizeof piece ? (size_t)left : sizeof piece;
        ssize_t got = pread(relay->body_fd, piece, wanted, (off_t)(relay->body_offset + done));
        if (got <= 0)
            return false;
        look_at(look, slice_bytes(piece, (size_t)got));
        done += (uint64_t)got;
    }
    return done == relay->body_left;
}

/* Recipients whose address is not ASCII fail by themselves. */
static bool envelope_is_ascii(const struct relay *relay)
{
    bool ascii = slice_all_ascii(relay->transaction.sender);
    for (size_t i = 0; ascii && i < relay->recipient_count; i++)
        ascii = slice_all_ascii(relay->recipients[i].orcpt);
    return ascii;
}

void relay_needs_look(struct relay *relay)
{
    struct send_transaction *transaction = &relay->transaction;
    const struct send_capabilities *offers = &relay->session.offers;
    bool in_doubt_8bit = transaction->body == SESSION_BODY_8BITMIME && !offers->eight_bit_mime;
    bool in_doubt_utf8 = transaction->smtp_utf8 && !offers->smtp_utf8 && envelope_is_ascii(relay);
    struct look look;
    if ((!in_doubt_8bit && !in_doubt_utf8) || !look_through(relay, &look))
        return;
    if (in_doubt_8bit && look.header_is_ascii && look.body_is_ascii)
        transaction->body = SESSION_BODY_7BIT;
    if (in_doubt_utf8 && look.header_is_ascii)
        transaction->smtp_utf8 = false;
}
