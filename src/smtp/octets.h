/* SPDX-License-Identifier: Apache-2.0 */
/* octets - is this still a message of lines? A BDAT message without BODY=BINARYMIME (RFC 3030) is
 * text like any other: CR and LF stand together only, and there is no NUL. The same bytes in any
 * cut give the same answer.
 */
#ifndef SMTP_OCTETS_H
#define SMTP_OCTETS_H

#include "base/slice.h"

struct octets { /* zero is the start */
    bool after_cr, bad_byte;
};

void octets_take(struct octets *octets, struct slice content);
bool octets_are_lines(const struct octets *octets); /* at the end of the message */

#endif
