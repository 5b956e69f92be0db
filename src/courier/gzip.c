/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/gzip.h"

#include <zlib.h>

enum { WINDOW_BITS = 15, WITH_GZIP_HEADER = 16, MEMORY_LEVEL = 8, PIECE_BYTES = 4096 };

bool gzip_append(struct text *out, struct slice bytes)
{
    z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)bytes.at,
                       .avail_in = (uInt)bytes.len};
    int result = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                              WINDOW_BITS + WITH_GZIP_HEADER, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    bool good = result == Z_OK;
    while (good && result != Z_STREAM_END) {
        char piece[PIECE_BYTES];
        stream.next_out = (Bytef *)piece;
        stream.avail_out = sizeof piece;
        result = deflate(&stream, Z_FINISH);
        good = (result == Z_OK || result == Z_STREAM_END) &&
               text_append(out, slice_bytes(piece, sizeof piece - stream.avail_out));
    }
    deflateEnd(&stream);
    return good;
}
