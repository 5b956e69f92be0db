/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/courier_load.h"

bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms)
{
    return load->rests_until_ms <= now_ms &&
           lane_share_has_room(&load->lanes, COURIER_LANES_MAX, trust);
}
