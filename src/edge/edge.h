/* SPDX-License-Identifier: Apache-2.0 */
/* edge - the role that talks to strangers: SMTP and TLS, and nothing it could leak.
 *
 * It holds public certificates, the configuration in force and its sessions. It cannot sign (a
 * signer does), cannot check a password (the checker does), cannot read back a message it has
 * handed over (the hub keeps it), and has no file system and no way to make a socket.
 */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include "wire/role.h"

MUST_USE int edge_run(const struct role_start *start);

#endif
