/* SPDX-License-Identifier: Apache-2.0 */
/* dot - the body of DATA (RFC 5321 4.5.2): transparency dots removed, the end recognised at CR LF .
 * CR LF only.
 *
 * Pieces point into the input: nothing is copied (a held-back CR comes from a constant). A bare CR,
 * a bare LF or a NUL anywhere makes the message bad; decoding goes on, so that the true end is
 * found and nothing behind a false one is taken for commands. The same bytes in any cut give the
 * same content.
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
};

enum dot_outcome dot_take(struct dot *dot, struct slice *input, struct slice *out_piece);

#endif
