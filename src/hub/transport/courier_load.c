/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/courier_load.h"

bool courier_load_takes(const struct courier_load *load, int64_t now_ms)
{
    return load->messages < isolation_company(load->isolation) ||
           now_ms - load->given_at_ms >= COURIER_STUCK_MS;
}

void courier_load_add(struct courier_load *load, int64_t now_ms)
{
    load->messages++;
    load->given_at_ms = now_ms;
}

void courier_load_done(struct courier_load *load)
{
    load->messages--;
}

bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms)
{
    return load->rests_until_ms <= now_ms &&
           lane_share_has_room(&load->lanes, isolation_lanes(load->isolation), trust);
}
