/* SPDX-License-Identifier: Apache-2.0 */
/* secret - bytes that are overwritten when they have served. */
#ifndef VAULT_SECRET_H
#define VAULT_SECRET_H

#include "base/text.h"

/* Overwrites bytes in memory that is ours to write although a slice lends it: the part of a
 * received frame that held a password. */
void secret_wipe(struct slice bytes);
/* A text that holds a copy. False without memory. */
MUST_USE bool secret_copy(struct slice bytes, struct text *out_text);

#endif
