/* SPDX-License-Identifier: Apache-2.0 */
/* canonical_name - builds the DER of a distinguished name, attribute by attribute: canonical, for
 * comparing, or as it was written, for a new certificate.
 *
 * At most CANONICAL_ATTRIBUTES_MAX attributes and 64 KiB; more is refused.
 */
#ifndef TLS_CANONICAL_NAME_H
#define TLS_CANONICAL_NAME_H

#include "tls/der.h"

enum {
    CANONICAL_ATTRIBUTES_MAX = 128,
    CANONICAL_BYTES_MAX = 64 * 1024,
    CANONICAL_OBJECT_ID_MAX = 128,
    CANONICAL_RAW_VALUE_MAX = 4096, /* a value that is no text */
};

struct canonical_name {
    struct text bytes; /* the attributes, encoded, one behind the other */
    struct canonical_attribute {
        size_t at, len, rdn;
    } attributes[CANONICAL_ATTRIBUTES_MAX];
    size_t count;
    size_t rdn_count;
    bool as_written; /* case and blanks stay; string types as RFC 5280 A.1 wants them */
};

void canonical_name_init(struct canonical_name *name);
void canonical_name_deinit(struct canonical_name *name);
void canonical_name_next_rdn(struct canonical_name *name);
/* To the current RDN. `object_id` is the contents of the element. */
bool canonical_name_add_text(struct canonical_name *name, struct slice object_id,
                             struct slice utf8);
bool canonical_name_add_value(struct canonical_name *name, struct slice object_id,
                              const struct der_element *value);
/* Appends the name; `reversed`: the last RDN added comes first. */
bool canonical_name_finish(struct canonical_name *name, bool reversed, struct text *out);

#endif
