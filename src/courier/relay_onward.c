/* SPDX-License-Identifier: Apache-2.0 */
/* A host that was ready for mail and then takes none: it says 421, hangs up, keeps silent, or
 * refuses every sender for the time being. The next host is asked before the mail waits (RFC
 * 5321 5.1). */
#include "courier/relay_state.h"

bool relay_onward_may(const struct relay *relay)
{
    return !relay->carried && !relay->sight && relay->host + 1 < relay->host_count;
}

/* MAIL FROM: before the server knew for whom it is. What it says of recipients and of the message
 * it says of them, whichever host it is. */
void relay_onward_refused(struct relay *relay)
{
    const struct send_answer *answer = &relay->transaction.answer;
    bool sender = answer->step == SEND_STEP_MAIL && answer->code / 100 == 4 && !answer->ours;
    if (relay->begun && sender && relay_onward_may(relay))
        relay->onward = true;
}

static bool is_break(enum send_end end)
{
    return end == SEND_END_CLOSING || end == SEND_END_LOST || end == SEND_END_TIMED_OUT ||
           end == SEND_END_FAULT;
}

static bool is_uncertain(const struct relay *relay)
{
    for (size_t i = 0; i < relay->recipient_count; i++)
        if (relay->recipients[i].fate == SEND_UNCERTAIN)
            return true;
    return false;
}

void relay_onward_closed(struct relay *relay)
{
    relay->broken = is_break(relay->session.ending.end);
    if (relay->broken && relay->begun && !is_uncertain(relay) && relay_onward_may(relay))
        relay->onward = true;
}
