/* SPDX-License-Identifier: Apache-2.0 */
/* audit - the admin audit log: every run of a cmdlet that changes something or gives a key away,
 * whether it succeeded or was refused. -WhatIf is not recorded.
 *
 * No secret is in it: passwords and files are "***", and so is the value of a parameter nobody
 * knows.
 */
#ifndef HUB_CONFIGURATION_AUDIT_H
#define HUB_CONFIGURATION_AUDIT_H

#include "hub/call.h"
#include "hub/configuration/change.h"

/* Before the change is committed: which objects and which of their settings it is about. */
void audit_note_change(struct call *call, const struct change *change);
/* The call has ended: its row, if it is one to be recorded. */
void audit_record(const struct call *call);

#endif
