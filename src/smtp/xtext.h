/* SPDX-License-Identifier: Apache-2.0 */
/* xtext - the encoding of addresses and envelope ids in parameters (RFC 3461 4). */
#ifndef SMTP_XTEXT_H
#define SMTP_XTEXT_H

#include "base/text.h"

/* Printable ASCII; "+" only in front of two upper-case hexadecimal digits, "=" never. An encoded
 * control byte (CR, LF, NUL, DEL, ...) is refused: decoded later, it could break a line. */
bool xtext_valid(struct slice written);
/* What a valid one stands for; false: it is none, or there is no room. */
bool xtext_append_decoded(struct text *text, struct slice written);
/* The encoding of printable ASCII; false: other bytes are in it, or there is no room. */
bool xtext_append_encoded(struct text *text, struct slice bytes);

/* An address outside ASCII for ORCPT=utf-8; (RFC 6533 3, utf-8-addr-xtext): \x{FC}. False: it is no
 * UTF-8, or holds control characters. */
bool xtext_append_utf8(struct text *text, struct slice address);

#endif
