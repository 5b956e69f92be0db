/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/courier_load.h"

bool courier_load_takes(const struct courier_load *load, uint32_t deaths)
{
    if (deaths >= SUSPECT_ALONE_DEATHS)
        return load->messages == 0;
    return !load->alone && !load->reserved &&
           (deaths == 0 || load->suspects < COURIER_SUSPECTS_MAX);
}

void courier_load_add(struct courier_load *load, uint32_t deaths)
{
    load->messages++;
    load->suspects += deaths > 0;
    if (deaths >= SUSPECT_ALONE_DEATHS) {
        load->alone = true;
        load->reserved = false;
    }
}

void courier_load_done(struct courier_load *load, uint32_t deaths)
{
    load->messages--;
    load->suspects -= deaths > 0;
    if (deaths >= SUSPECT_ALONE_DEATHS)
        load->alone = false;
}

bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms)
{
    return load->rests_until_ms <= now_ms &&
           lane_share_has_room(&load->lanes, COURIER_LANES_MAX, trust);
}
