/* SPDX-License-Identifier: Apache-2.0 */
/* attribute_type - the letters that stand for attribute types in written names: CN, O, S, E, ... */
#ifndef TLS_ATTRIBUTE_TYPE_H
#define TLS_ATTRIBUTE_TYPE_H

#include "base/text.h"

/* `object_id` is the contents of the DER element. Appends "CN", or "OID.1.2.3". */
bool attribute_type_print(struct slice object_id, struct text *out);
/* Letters in any case, or a dotted number with or without "OID." before it. */
bool attribute_type_parse(struct slice written, struct text *out_object_id);

#endif
