/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a hostile peer: whatever is taken encodes to the same bytes again, and its slices lie
 * in the input. */
#include "fuzz.h"
#include "wire/frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum wire_role from = (enum wire_role)(data[0] % ROLE_COUNT);
    struct slice input = slice_bytes(data + 1, size - 1);
    struct frame frame;
    for (;;) {
        struct slice before = input;
        enum frame_outcome outcome = frame_take(&input, from, &frame);
        if (outcome != FRAME_COMPLETE)
            return 0;
        require((wire_rows[frame.type].from & 1u << from) != 0);
        struct text again = text_with_ceiling(WIRE_FRAME_MAX);
        require(frame_append(&again, frame.type, &frame.message));
        struct slice taken = slice_first(before, before.len - input.len);
        require(slice_equal(text_slice(&again), taken));
        text_deinit(&again);
    }
}
