/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox_transport - who holds the mailboxes: we, in Maildirs (hub/transport/deliveries), or a
 * server that takes their mail over LMTP (model/mailbox_transport).
 *
 * To the queues such a server is a next hop like others (hub/transport/hops). What a send connector
 * says of another hop is made up here and is no object of the model: MailboxTransport is its name
 * in logs.
 */
#ifndef HUB_TRANSPORT_MAILBOX_TRANSPORT_H
#define HUB_TRANSPORT_MAILBOX_TRANSPORT_H

#include "hub/state.h"
#include "model/send_connector.h"

struct scheduled;

extern const struct slice mailbox_key; /* of the queue, in the store */
extern const struct slice mailbox_transport_name;

MUST_USE int mailbox_transport_begin(struct hub *hub);
void mailbox_transport_end(struct hub *hub);
/* NULL: Maildirs. Good until the model changes. */
const struct send_connector *mailbox_transport(const struct hub *hub);
/* A model has come into force in the place of `before`; NULL: the first one. What waits for another
 * place than before is due at once. */
void mailbox_transport_model_changed(struct hub *hub, const struct model *before);
/* How the server is to call a recipient: it knows the mailbox, not each of its addresses. */
struct slice mailbox_transport_recipient(struct hub *hub, const struct scheduled *what);

#endif
