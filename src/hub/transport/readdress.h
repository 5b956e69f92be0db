/* SPDX-License-Identifier: Apache-2.0 */
/* readdress - other recipients for mail that is in the queue already. */
#ifndef HUB_TRANSPORT_READDRESS_H
#define HUB_TRANSPORT_READDRESS_H

#include "hub/transport/expand.h"
#include "hub/transport/scheduled.h"

/* The members in the place of a group that is in our hand: they come out of the queue when they are
 * due, at once. True: it is ours no more. */
MUST_USE bool readdress_expand(struct hub *hub, const struct scheduled *what);

/* The order of an administrator, for a message that is suspended: `given` (whose texts are in the
 * arena) get it in the place of all recipients that nobody has in hand; groups are expanded, into
 * `out`. `done` gets how many recipients went. The result is the store's; negative without memory.
 */
MUST_USE int readdress_message(struct hub *hub, uint64_t message, uint64_t size_bytes,
                               enum sender_tls way, struct arena *arena,
                               const struct envelope_recipient *given, size_t count,
                               struct expanded_list *out, store_done_fn *done, void *context);

#endif
