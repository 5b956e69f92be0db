/* SPDX-License-Identifier: Apache-2.0 */
/* A file of a kept policy: whatever is in it, it is whole or it is nothing. */
#include "fuzz.h"

#include "courier/sts_shelf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice file = slice_bytes(data, size);
    struct sts_shelved policy;
    if (!sts_shelved_parse(file, &policy))
        return 0;
    require(policy.id.len && policy.id.len <= STS_ID_MAX);
    require(policy.fetched_ms >= 0 && policy.until_ms >= 0);
    require(policy.policy.at + policy.policy.len == file.at + file.len);
    return 0;
}
