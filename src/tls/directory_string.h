/* SPDX-License-Identifier: Apache-2.0 */
/* directory_string - the many string types of X.509 names, as UTF-8. */
#ifndef TLS_DIRECTORY_STRING_H
#define TLS_DIRECTORY_STRING_H

#include "tls/der.h"

bool utf8_ok(struct slice bytes); /* RFC 3629: no overlong form, no surrogate, up to U+10FFFF */

/* Appends the value as UTF-8. False, nothing appended, when it is no string type, or its bytes are
 * not of that type. T61String is read as UTF-8 where that fits, else as Latin-1, as everybody does.
 */
bool directory_string_utf8(const struct der_element *value, struct text *out);

#endif
