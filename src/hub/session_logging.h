/* SPDX-License-Identifier: Apache-2.0 */
/* session_logging - clients whose sessions are written into the protocol log for a while, whatever
 * their connector wants. Kept in memory: it ends by itself, at the latest with the hub. */
#ifndef HUB_SESSION_LOGGING_H
#define HUB_SESSION_LOGGING_H

#include "hub/state.h"

/* 0 ms ends it. False: as many are logged already as can be. */
MUST_USE bool session_logging_raise(struct hub *hub, struct ip_address address, int64_t for_ms);
/* An edge that has just come. */
void session_logging_tell(struct hub *hub, struct peer *edge);
/* The index-th that is logged now; false behind the last. */
bool session_logging_at(const struct hub *hub, size_t index, struct raised *out);

#endif
