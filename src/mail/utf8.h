/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef MAIL_UTF8_H
#define MAIL_UTF8_H

#include "base/slice.h"

/* Takes one character from the front; false, and nothing taken, when it is empty or not UTF-8. */
bool utf8_take(struct slice *rest, uint32_t *out_code_point);
bool utf8_valid(struct slice bytes);
/* Not a control (C0, DEL, C1), not a line or paragraph separator: may stand in one line of text. */
bool utf8_printable(uint32_t code_point);

#endif
