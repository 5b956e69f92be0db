/* SPDX-License-Identifier: Apache-2.0 */
/* body - the content of a message on its way to the hub: lines behind DATA, octets of BDAT. Nothing
 * is read while the hub, or a content filter, takes no more.
 */
#ifndef EDGE_BODY_H
#define EDGE_BODY_H

#include "edge/connection.h"

/* Two wants of the session (edge/wants); false: nothing more can be done now. */
bool body_meet(struct connection *connection, struct slice *rest);
bool body_meet_chunk(struct connection *connection, struct slice *rest);

#endif
