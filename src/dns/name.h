/* SPDX-License-Identifier: Apache-2.0 */
/* name - domain names of DNS messages (RFC 1035 3.1, 4.1.4), from bytes to text.
 *
 * The text is in lower case and without the dot at the end; the root is ".". A byte that is no
 * visible ASCII character, a dot within a label and a backslash become \DDD (RFC 1035 5.1), so two
 * names are equal exactly when their texts are.
 */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/text.h"

enum {
    DNS_NAME_WIRE_MAX = 255, /* of a name, RFC 1035 2.3.4 */
    DNS_LABEL_MAX = 63,
    DNS_NAME_TEXT_MAX = 1024, /* if every byte were written as \DDD */
};

/* Reads the name at *at, follows pointers (each must lead further back), steps *at behind it.
 * False: it is no name, it is too long, or out has no room. */
MUST_USE bool dns_name_read(struct slice packet, size_t *at, struct text *out);

#endif
