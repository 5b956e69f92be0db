/* SPDX-License-Identifier: Apache-2.0 */
/* The input as a policy of MTA-STS. */
#include "fuzz.h"

#include "model/sts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sts_policy policy;
    struct slice written = slice_bytes(data, size);
    enum sts_policy_outcome outcome = sts_policy_read(written, &policy);
    require(outcome < STS_POLICY_OUTCOMES && sts_policy_outcome_text(outcome)[0]);
    if (outcome != STS_POLICY_OK)
        return 0;
    require(policy.mx_count <= STS_MX_MAX && policy.max_age_s <= STS_AGE_MAX_S);
    require(policy.mx_count || policy.mode == STS_MODE_NONE);
    for (size_t i = 0; i < policy.mx_count; i++) {
        struct slice mx = policy.mx[i];
        require(mx.at >= written.at && mx.at + mx.len <= written.at + written.len);
        require(sts_policy_allows(&policy, mx) != slice_starts(mx, SLICE("*.")));
    }
    return 0;
}
