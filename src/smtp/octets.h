/* SPDX-License-Identifier: Apache-2.0 */
/* octets - is this still a message of lines? A BDAT message without BODY=BINARYMIME (RFC 3030) is
 * text like any other: CR and LF stand together only, and there is no NUL. With `mends_bare_lf` a
 * bare LF is no fault, it is written as CR LF. The same bytes in any cut give the same content and
 * the same answer.
 *
 *     while (octets_take(&octets, &input, &piece))
 *         ... write piece ...
 */
#ifndef SMTP_OCTETS_H
#define SMTP_OCTETS_H

#include "base/slice.h"

struct octets { /* zero is the start */
    bool after_cr, bad_byte;
    bool mends_bare_lf; /* set by the caller before the first byte */
};

/* False: the input is used up. A piece is never empty and points into the input or at a constant.
 */
bool octets_take(struct octets *octets, struct slice *input, struct slice *out_piece);
bool octets_are_lines(const struct octets *octets); /* at the end of the message */

#endif
