/* SPDX-License-Identifier: Apache-2.0 */
/* tarpit - a reply that is held back, so that guessing takes time.
 *
 * TarpitInterval holds back refusals of clients that have not logged in, AuthTarpitInterval the
 * answer to a failed logon. Meanwhile nothing is read from the client. Only a connection that is
 * held up has one.
 */
#ifndef EDGE_TARPIT_H
#define EDGE_TARPIT_H

#include "edge/connection.h"

/* When the last replies deserve it, takes them out of the edge's reply text and holds them back;
 * true then. The connection goes on by itself when the time is over. */
bool tarpit_begin(struct connection *connection);
void tarpit_free(struct tarpit *tarpit); /* accepts NULL */

#endif
