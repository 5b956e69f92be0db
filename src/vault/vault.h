/* SPDX-License-Identifier: Apache-2.0 */
/* vault - the role that holds the secrets: private keys, password verifiers, the key-encryption
 * key.
 *
 * Two kinds of process. A signer serves one edge and does nothing but sign handshakes. The checker
 * serves all edges and the hub: it judges passwords, makes verifiers, keys and certificates, reads
 * certificate files (in a child that holds nothing), and hands out ticket keys. Neither has a file
 * or a way to make a socket once it serves.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "wire/role.h"

/* Both return when drained or orphaned: 0, or -errno when the role could not start or go on. */
MUST_USE int vault_run_signer(const struct role_start *start);
MUST_USE int vault_run_checker(const struct role_start *start);

#endif
