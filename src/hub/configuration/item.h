/* SPDX-License-Identifier: Apache-2.0 */
/* item - one object of the document of operations/configuration on its way in.
 *
 * Names that begin with an underscore are notes of the way, beside the parameters:
 *   _line        where its cmdlet stands in the script (the client's)
 *   _record      of a certificate that the vault has read: base64 of the model's record
 *   _thumbprint  of a certificate
 *   _publicN     of the Nth key that signs mail, when the vault was asked about it
 *   _exportable, _key   of a sealed key that opens: whether it may leave, digest of its public part
 */
#ifndef HUB_CONFIGURATION_ITEM_H
#define HUB_CONFIGURATION_ITEM_H

#include "hub/call.h"
#include "operations/configuration.h"

struct item {
    const struct configuration_kind *row;
    size_t number; /* among those of its kind, from 1 */
    json_t *json;
};

struct slice item_text(const struct item *item, const char *name);
/* What an object of its kind goes by: Name, Thumbprint, DomainName, Identity. */
struct slice item_name(const struct item *item);
/* Like call_fail, with the place in front: "line 7: New-Mailbox number 2 (anna): ...". */
PRINTF_LIKE(3, 4)
void item_fail(struct call *call, const struct item *item, const char *format, ...);

/* The document of the call's file, checked: known kinds, objects with parameters their cmdlet has,
 * names written out. Kept by the call. NULL: the call has failed. */
json_t *configuration_read(struct call *call);

typedef bool item_fn(struct call *call, const struct item *item, void *context);
/* Every item in order, until one gives false; then it gives false, too. */
bool configuration_each(struct call *call, json_t *document, item_fn *run, void *context);

#endif
