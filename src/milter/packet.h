/* SPDX-License-Identifier: Apache-2.0 */
/* packet - the frames of the milter protocol: length (4, big endian), letter, data. */
#ifndef MILTER_PACKET_H
#define MILTER_PACKET_H

#include "base/text.h"

enum { PACKET_HEAD_BYTES = 5, PACKET_DATA_MAX = 128 << 10 /* of a filter */ };

enum packet_outcome { PACKET_COMPLETE, PACKET_PARTIAL, PACKET_TOO_LONG };

struct packet {
    char letter;
    struct slice data; /* points into the input */
};

/* Takes the next packet from the left of `input`. One without a letter is PACKET_TOO_LONG, too. */
enum packet_outcome packet_take(struct slice *input, struct packet *out);

/* Begins a packet at the end of `out`; what is appended until packet_end is its data. */
size_t packet_begin(struct text *out, char letter);
/* False, and `out` as it was before, when it has reached its ceiling. */
bool packet_end(struct text *out, size_t begun);

void packet_append_u32(struct text *out, uint32_t number);
void packet_append_string(struct text *out, struct slice string); /* up to a NUL, and one behind */
bool packet_take_u32(struct slice *data, uint32_t *out_number);
/* The bytes before the next NUL; false when there is none. */
bool packet_take_string(struct slice *data, struct slice *out_string);

#endif
