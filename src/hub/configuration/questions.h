/* SPDX-License-Identifier: Apache-2.0 */
/* questions - what only the vault can tell of a document on its way in, one question after the
 * other: new certificates are read, of new secrets it is tried whether they open here, and keys
 * that sign mail are made where the document names none. The answers become notes of the items.
 *
 * The document is the call's (configuration_read).
 */
#ifndef HUB_CONFIGURATION_QUESTIONS_H
#define HUB_CONFIGURATION_QUESTIONS_H

#include "hub/configuration/item.h"

/* False: the call has failed. */
MUST_USE bool questions_plan(struct call *call, json_t *document);
/* `answered` runs when all are; or the call has failed, then it does not. */
void questions_ask(struct call *call, void (*answered)(struct call *call));

#endif
