/* SPDX-License-Identifier: Apache-2.0 */
/* protocol_rows - rows of the protocol logs, as edges and couriers send them, and of the
 * connectivity log.
 *
 * Who talks says what happened, never how it looks in the file: escaping, quotes and the time are
 * the hub's, so that a lying process can write nonsense into its own rows and nothing else. Which
 * log it is goes by who sends, an edge receives and a courier sends mail.
 */
#ifndef HUB_PROTOCOL_ROWS_H
#define HUB_PROTOCOL_ROWS_H

#include "hub/state.h"

/* False: no such event; the peer is to be ended. */
MUST_USE bool protocol_rows_take(struct hub *hub, const struct peer *peer,
                                 const struct wire_protocol_row *row);
MUST_USE bool connectivity_rows_take(struct hub *hub, const struct peer *courier,
                                     const struct wire_connectivity_row *row);

#endif
