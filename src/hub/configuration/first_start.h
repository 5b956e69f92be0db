/* SPDX-License-Identifier: Apache-2.0 */
/* first_start - an empty data folder becomes a server: the default connectors, an accepted domain,
 * a private authority and a certificate with the host's names, all in one change. No mailbox, and
 * no way to relay. */
#ifndef HUB_CONFIGURATION_FIRST_START_H
#define HUB_CONFIGURATION_FIRST_START_H

#include "hub/state.h"

/* Runs once the vault can be asked; the hub goes on when the change is in force. */
void first_start_run(struct hub *hub);

#endif
