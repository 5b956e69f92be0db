/* SPDX-License-Identifier: Apache-2.0 */
/* lane_share - how much of all connections whom: what does not answer never takes them all.
 *
 * Next hops that failed when last tried may hold a quarter, these and those of which nothing is
 * known a half; the rest is there for those that have taken mail. So a thousand dead hosts, each
 * waited for until its time-out, keep nobody waiting but each other.
 */
#ifndef HUB_TRANSPORT_LANE_SHARE_H
#define HUB_TRANSPORT_LANE_SHARE_H

#include <stdbool.h>
#include <stddef.h>

enum lane_trust { LANE_FAILED, LANE_NEW, LANE_PROVEN, LANE_TRUSTS };

struct lane_share {
    size_t held[LANE_TRUSTS];
};

size_t lane_share_count(const struct lane_share *share);
/* Whether one more may be held where there may be `most` of all kinds together. */
bool lane_share_has_room(const struct lane_share *share, size_t most, enum lane_trust trust);

#endif
