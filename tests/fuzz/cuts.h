/* SPDX-License-Identifier: Apache-2.0 */
/* cuts - a target for what decodes a stream: the pieces in which bytes come must not matter, with a
 * bare LF mended or not. The first byte of the input chooses one of the cuts. */
#ifndef TESTS_FUZZ_CUTS_H
#define TESTS_FUZZ_CUTS_H

#include "base/attributes.h"
#include "base/slice.h"
#include "fuzz.h"

enum { INPUT_MAX = 8192, CONTENT_MAX = 2 * INPUT_MAX };

/* Written by the target: decodes the bytes, `cut` at a time, and compares. */
static void compare(struct slice bytes, size_t cut, bool mends);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX)
        return 0;
    const size_t cuts[] = {1, 1U + data[0], INPUT_MAX};
    struct slice bytes = slice_bytes(data + 1, size - 1);
    for (size_t i = 0; i < 2 * COUNT_OF(cuts); i++)
        compare(bytes, cuts[i / 2], i % 2);
    return 0;
}

#endif
