/* SPDX-License-Identifier: Apache-2.0 */
/* protocol_rows - rows of the receive protocol log, as the edges send them.
 *
 * An edge says what happened, never how it looks in the file: escaping, quotes and the time are the
 * hub's, so that a lying edge can write nonsense into its own rows and nothing else.
 */
#ifndef HUB_PROTOCOL_ROWS_H
#define HUB_PROTOCOL_ROWS_H

#include "hub/state.h"

/* False: no such event; the edge is to be ended. */
MUST_USE bool protocol_rows_take(struct hub *hub, const struct peer *edge,
                                 const struct wire_protocol_row *row);

#endif
