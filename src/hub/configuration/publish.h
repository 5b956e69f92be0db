/* SPDX-License-Identifier: Apache-2.0 */
/* publish - the model in force, brought to those who work by it: keys to the signers, the snapshot
 * to the edges, the bindings to the supervisor.
 *
 * Order: a snapshot is shown to edges only after every living signer has the keys it names, so that
 * no handshake meets a certificate whose key is not there yet.
 */
#ifndef HUB_CONFIGURATION_PUBLISH_H
#define HUB_CONFIGURATION_PUBLISH_H

#include "hub/state.h"

/* Keys first; the snapshot follows when they are in place (or 2 s have passed). */
MUST_USE int publish_model(struct hub *hub);
void publish_key_state(struct hub *hub, struct peer *signer, const struct wire_key_state *state);
void publish_to_signer(struct hub *hub, struct peer *signer); /* a new one: all keys */
void publish_to_edge(struct hub *hub,
                     struct peer *edge); /* a new one: the snapshot, if there is one */
void publish_peer_lost(struct hub *hub);
/* An edge has said which revision it has, or is gone: keys nobody can need any more are dropped. */
void publish_edge_reported(struct hub *hub);
/* True when every living edge has the revision in force. */
bool publish_complete(const struct hub *hub, uint64_t *out_sessions_older);
void publish_begin(struct hub *hub);
void publish_end(struct hub *hub);

#endif
