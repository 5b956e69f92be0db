/* SPDX-License-Identifier: Apache-2.0 */
/* mail/ascii_domain: whatever a client writes as a domain, what comes out is ASCII, has no NUL, and
 * fits; and it is its own spelling. */
#include "mail/ascii_domain.h"
#include "fuzz.h"

enum { INPUT_MAX = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char storage[ASCII_DOMAIN_MAX], again_storage[ASCII_DOMAIN_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct text again = text_over(again_storage, sizeof again_storage);
    struct slice domain = slice_bytes(data, size);
    size_t unused;
    if (size > INPUT_MAX)
        return 0;
    if (!ascii_domain_append(&out, domain)) {
        require(out.len == 0);
        return 0;
    }
    require(slice_all_ascii(text_slice(&out)));
    require(slice_all_ascii(domain) || !slice_find(text_slice(&out), '\0', &unused));
    require(ascii_domain_append(&again, text_slice(&out)));
    require(slice_equal(text_slice(&out), text_slice(&again)));
    return 0;
}
