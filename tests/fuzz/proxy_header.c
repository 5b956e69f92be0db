/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/proxy_header: in any bytes it is bad or more is needed for ever, or it is done, and then
 * every beginning of it needed more. */
#include "smtp/proxy_header.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice whole = slice_bytes(data, size), rest = whole;
    struct proxy_header header, again;
    enum proxy_outcome outcome = proxy_header_take(&rest, &header);
    require(outcome == PROXY_DONE || rest.len == whole.len);
    require(outcome != PROXY_MORE || size < PROXY_HEADER_V2_MAX);
    size_t taken = whole.len - rest.len;
    require(taken <= PROXY_HEADER_V2_MAX);
    for (size_t len = 0; len < taken; len++) {
        struct slice piece = slice_first(whole, len);
        require(proxy_header_take(&piece, &again) == PROXY_MORE);
    }
    return 0;
}
