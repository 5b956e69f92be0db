/* SPDX-License-Identifier: Apache-2.0 */
/* REQUIRETLS (RFC 8689): hosts that are not as well protected as a sender demands. */
#include "courier/relay_state.h"

enum { WHY_MAX = WIRE_REPLY_MAX, FRONT_MAX = 64 };

void relay_unfit_note(struct relay *relay)
{
    enum send_end why = relay->session.ending.end;
    bool unfit = why == SEND_END_TLS_MISSING || why == SEND_END_TLS_FAILED || why == SEND_END_UNFIT;
    relay->unfit += unfit && relay->order.sender_tls == SENDER_TLS_REQUIRED;
}

/* RFC 8689 4.2.1: 5.7.30 is in the session's words already; the rest is 5.7.10, with the reason. */
static void refuse(struct relay *relay)
{
    char storage[WHY_MAX];
    struct text last = text_over(storage, sizeof storage);
    text_append(&last, slice_first(text_slice(&relay->why), WHY_MAX - FRONT_MAX));
    if (slice_starts(text_slice(&last), SLICE("550 ")))
        return;
    relay->why_ours = true;
    text_clear(&relay->why);
    text_append_c(&relay->why, "550 5.7.10 Encryption needed: ");
    text_append(&relay->why, text_slice(&last));
}

bool relay_unfit_end(struct relay *relay)
{
    bool unfit = relay->unfit && relay->unfit == relay->host_count;
    if (unfit)
        refuse(relay);
    return unfit;
}

void relay_unfit_choose(struct relay *relay)
{
    bool demanded = relay->order.sender_tls == SENDER_TLS_REQUIRED;
    if (relay->transaction.require_tls && !demanded)
        relay->transaction.require_tls =
            relay->session.offers.require_tls && relay_trust_is_proven(relay);
}
