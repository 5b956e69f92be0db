/* SPDX-License-Identifier: Apache-2.0 */
/* expand - the recipients of a message that is about to be queued, with those in the place of
 * groups and of mailboxes that forward (model/expansion).
 *
 * It happens before the message is stored, so that one commit holds all of it: whoever gets a copy
 * is in the queue when the client is answered. The envelope's sender stays what it is (no list of
 * mail programs, no SRS); errors go to whoever wrote.
 *
 * What a sender asked to be told (RFC 3461 5.2.7): of a mailbox that only forwards, everything goes
 * on to the target. Of a group, success is told here and now ("expanded") and of its members only
 * failure and delay; of none when the group says so. ORCPT is what the sender wrote, all the way.
 */
#ifndef HUB_TRANSPORT_EXPAND_H
#define HUB_TRANSPORT_EXPAND_H

#include "hub/state.h"
#include "model/expansion.h"
#include "model/sender_tls.h"
#include "store/store.h"

struct expanded_note { /* beside each recipient */
    size_t origin;     /* which of those that were given */
    enum expansion_way way;
    bool quiet; /* the sender is to hear nothing of it */
};

struct expanded_list {
    struct envelope_recipient *recipients;
    struct expanded_note *notes;
    size_t count;
};

/* Whether one of these is a group or forwards. */
bool expand_is_needed(struct hub *hub, const struct envelope_recipient *given, size_t count);
/* Texts are copied to the arena. What cannot be expanded stays as it is: who delivers it will say
 * why not (expand_fault). False: no memory. */
MUST_USE bool expand_recipients(struct hub *hub, struct arena *arena,
                                const struct envelope_recipient *given, size_t count,
                                struct expanded_list *out);
/* Names the queue of each recipient. False: no memory. */
MUST_USE bool expand_route(struct hub *hub, struct arena *arena,
                           struct envelope_recipient *recipients, size_t count, uint64_t size_bytes,
                           enum sender_tls way);
void expand_free(struct expanded_list *list); /* accepts an empty one */
/* What is said of a group that is in the queue itself: why it cannot be expanded (4xx, 5xx), or
 * that it can by now (2xx). Empty when the address is none. */
struct slice expand_fault(struct hub *hub, struct slice address);

/* When the message is durable: rows of the tracking log, and notices to who wanted to hear of a
 * group. `arrival` says what is known of the message. */
struct log_tracking;
void expand_report(struct hub *hub, const struct log_tracking *arrival,
                   const struct envelope_recipient *given, const struct expanded_list *list);

#endif
