/* SPDX-License-Identifier: Apache-2.0 */
/* folder - the data folder: who owns which part of it, and the lock that keeps a second server out.
 *
 *   DATA/store/           the hub's: databases, segments, ballast
 *   DATA/vault/           the vault's: the key-encryption key
 *   DATA/mail/            the couriers': one Maildir per mailbox
 *   DATA/logs/            the hub's: events, protocol logs, message tracking
 *   DATA/policies/        the couriers': what domains demand of connections to them (MTA-STS)
 *   DATA/control.socket   management; anybody may connect, and what he may do there is decided by
 *                         the credentials the kernel gives for him
 */
#ifndef SUPERVISOR_FOLDER_H
#define SUPERVISOR_FOLDER_H

#include "base/attributes.h"

/* Creates what is missing, gives each part to its role when run as root, locks the folder and opens
 * the control socket. Says on standard error what is wrong when it fails. */
MUST_USE int folder_prepare(const char *data, int *out_control_fd);
void folder_release(const char *data, int *control_fd);

#endif
