/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/lane_share.h"

size_t lane_share_count(const struct lane_share *share)
{
    size_t count = 0;
    for (size_t i = 0; i < LANE_TRUSTS; i++)
        count += share->held[i];
    return count;
}

/* Whoever is trusted less counts against the part of those who are trusted more, not the other way
 * round. */
bool lane_share_has_room(const struct lane_share *share, size_t most, enum lane_trust trust)
{
    static const size_t divisor[LANE_TRUSTS] = {
        [LANE_FAILED] = 4, [LANE_NEW] = 2, [LANE_PROVEN] = 1};
    size_t held = 0;
    for (size_t i = 0; i < LANE_TRUSTS; i++) {
        held += share->held[i];
        if (i >= trust && held >= most / divisor[i])
            return false;
    }
    return true;
}
