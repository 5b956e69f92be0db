/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/quarantine.h"

#include "hub/transport/courier_load.h"

/* Nobody is in it, or nobody but this courier is emptied. */
static bool is_free(const struct quarantine *quarantine, const struct courier_load *load,
                    int64_t now_ms)
{
    return quarantine->load ? quarantine->load == load : now_ms >= quarantine->again_at_ms;
}

bool quarantine_takes(const struct quarantine *quarantine, const struct courier_load *load,
                      uint32_t deaths, int64_t now_ms)
{
    return courier_load_takes(load, deaths) &&
           (deaths < SUSPECT_ALONE_DEATHS || is_free(quarantine, load, now_ms));
}

void quarantine_reserve(struct quarantine *quarantine, struct courier_load *load, int64_t now_ms)
{
    if (quarantine->load || now_ms < quarantine->again_at_ms)
        return;
    *quarantine = (struct quarantine){.load = load, .until_ms = now_ms + QUARANTINE_EMPTY_MS};
    load->reserved = true;
}

void quarantine_add(struct quarantine *quarantine, struct courier_load *load, uint32_t deaths,
                    int64_t now_ms)
{
    courier_load_add(load, deaths);
    if (deaths >= SUSPECT_ALONE_DEATHS)
        *quarantine = (struct quarantine){
            .load = load, .occupied = true, .until_ms = now_ms + QUARANTINE_ALONE_MS};
}

void quarantine_look(struct quarantine *quarantine, int64_t now_ms)
{
    struct courier_load *load = quarantine->load;
    bool over = load && now_ms >= quarantine->until_ms;
    bool left = load && quarantine->occupied && !load->alone;
    if (!over && !left)
        return;
    load->alone = load->reserved = false;
    *quarantine = (struct quarantine){.again_at_ms = left ? 0 : now_ms + QUARANTINE_PAUSE_MS};
}

void quarantine_lost(struct quarantine *quarantine, const struct courier_load *load)
{
    if (quarantine->load == load)
        *quarantine = (struct quarantine){0};
}
