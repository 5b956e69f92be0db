/* SPDX-License-Identifier: Apache-2.0 */
/* dot - the body of DATA (RFC 5321 4.5.2): transparency dots removed, the end recognised at CR LF .
 * CR LF only.
 *
 * Pieces point into the input: nothing is copied (line ends that are not the input's come from
 * constants). A bare CR, a bare LF or a NUL anywhere makes the message bad; decoding goes on, so
 * that the true end is found and nothing behind a false one is taken for commands. The same bytes
 * in any cut give the same content.
 *
 * With `mends_bare_lf` a bare LF is no fault: it is written as CR LF, so that whoever reads the
 * message next sees one kind of line end only. It never begins a line here: no dot behind it is
 * taken away, and no end of data begins with it.
 *
 * Begin each message with a zeroed struct dot: `bad_byte` is still there to be read after DOT_END.
 */
#ifndef SMTP_DOT_H
#define SMTP_DOT_H

#include "base/slice.h"

enum dot_outcome {
    DOT_MORE,  /* the input is used up; bring more */
    DOT_PIECE, /* out_piece is content, never empty */
    DOT_END,   /* the end of the data; what is left of the input are commands again */
};

enum dot_state { DOT_LINE_START, DOT_IN_LINE, DOT_AFTER_CR, DOT_AFTER_DOT, DOT_AFTER_DOT_CR };

struct dot { /* zero is the start */
    enum dot_state state;
    bool bad_byte;
    bool mends_bare_lf; /* set by the caller before the first byte */
};

enum dot_outcome dot_take(struct dot *dot, struct slice *input, struct slice *out_piece);

#endif
