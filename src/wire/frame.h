/* SPDX-License-Identifier: Apache-2.0 */
/* frame - messages as bytes: length (4), type (2), then the fields of the row in order, numbers
 * little endian. Every length is checked against its row before anything is believed. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/text.h"
#include "wire/messages.h"

enum { FRAME_HEAD_BYTES = 6 };

enum frame_outcome {
    FRAME_COMPLETE, /* out holds it; *input is what follows */
    FRAME_PARTIAL,  /* bring more */
    FRAME_BROKEN,   /* the peer broke its table row: end it */
};

struct frame {
    enum wire_type type;
    union wire_any message;
};

/* Appends the frame of a message. False when a field passes its bound, or out its ceiling. */
bool frame_append(struct text *out, enum wire_type type, const void *message);
/* Takes the next frame that `from` may send. Slices in *out point into the input. */
enum frame_outcome frame_take(struct slice *input, enum wire_role from, struct frame *out);

#endif
