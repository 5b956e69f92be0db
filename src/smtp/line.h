/* SPDX-License-Identifier: Apache-2.0 */
/* line - command lines out of a stream of bytes (RFC 5321 2.3.8): CR LF ends a line, and nothing
 * else does.
 *
 * The input is the caller's: all bytes not yet consumed, in one piece. Nothing is copied. A line
 * with a bare CR, a bare LF or a NUL in it is one bad line up to its CR LF; so is one that is
 * longer than allowed: the rest of it is swallowed, and can never be read as a command of its own.
 * The same bytes in any cut give the same lines.
 */
#ifndef SMTP_LINE_H
#define SMTP_LINE_H

#include "base/slice.h"

enum line_outcome {
    LINE_PARTIAL,  /* no CR LF yet; keep what is left of the input and bring more */
    LINE_COMPLETE, /* out_line holds it, without CR LF */
    LINE_BAD,      /* a line with a forbidden byte has ended */
    LINE_TOO_LONG, /* a line longer than the maximum has ended */
};

struct line_framer { /* zero is the start */
    bool swallowing; /* inside a line that is too long: its bytes were dropped */
    bool swallowed_cr;
};

/* Takes the next line from the front of *input. On LINE_PARTIAL, *input is what must be kept: never
 * more than max + 1 bytes. */
enum line_outcome line_take(struct line_framer *framer, struct slice *input, size_t max,
                            struct slice *out_line);

#endif
