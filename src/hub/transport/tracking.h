/* SPDX-License-Identifier: Apache-2.0 */
/* tracking - the message tracking log: a row when a message is stored, and one for each recipient
 * when it is settled or put off. */
#ifndef HUB_TRANSPORT_TRACKING_H
#define HUB_TRANSPORT_TRACKING_H

#include "hub/logs.h"
#include "hub/transport/said.h"
#include "hub/transport/scheduler.h"
#include "model/log.h"

/* RECEIVE: durable, and the client is being told. `arrival` says what is known of the message;
 * event, source, time, server and recipients are filled in here. */
void tracking_received(struct hub *hub, const struct log_tracking *arrival,
                       const struct envelope_recipient *recipients, size_t count);
/* FAIL, by a content filter: the client hears that it was stored, and it is gone. */
void tracking_discarded(struct hub *hub, const struct log_tracking *arrival,
                        const struct envelope_recipient *recipients, size_t count,
                        struct slice why);
/* EXPAND (of a group) or REDIRECT (of a mailbox that forwards, or by the order of an
 * administrator): `from` goes to these. The source is ROUTING unless `arrival` names one. */
void tracking_expanded(struct hub *hub, const struct log_tracking *arrival, const char *event,
                       struct slice from, const struct envelope_recipient *recipients,
                       size_t count);
/* DELIVER or SEND (to a server that holds no mailboxes of ours), DEFER or FAIL, as the verdict
 * says; `shown` is what was said, in one line. What another server may have taken before has
 * PossibleDuplicate in its custom data. `sequel` is as in logs_append_then, and may be given of
 * what is uncertain: where nothing is tracked it runs before this returns. */
void tracking_outcome(struct hub *hub, const struct scheduled *what, enum delivery_verdict verdict,
                      const struct said *said, struct slice shown, struct log_sequel *sequel);
/* FAIL, by an administrator: the message is gone. `what` is as of its first recipient, `recipients`
 * are all of them with ';' between. */
void tracking_removed(struct hub *hub, const struct scheduled *what, struct slice recipients,
                      size_t recipient_count, struct slice why);

/* POISONMESSAGE: it is being set aside. `sequel` as above. */
void tracking_poison(struct hub *hub, const struct scheduled *what, struct log_sequel *sequel);

/* DSN: the notice `what` is durable; `about` is the Message-ID of what it speaks of. */
void tracking_notice(struct hub *hub, const struct scheduled *what, struct slice about);

#endif
