/* SPDX-License-Identifier: Apache-2.0 */
/* xtext - the encoding of addresses and envelope ids in parameters (RFC 3461 4). */
#ifndef SMTP_XTEXT_H
#define SMTP_XTEXT_H

#include "base/slice.h"

/* Printable ASCII; "+" only in front of two upper-case hexadecimal digits, "=" never. An encoded
 * control byte (CR, LF, NUL, DEL, ...) is refused: decoded later, it could break a line. */
bool xtext_valid(struct slice written);

#endif
