/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/isolation.h"

/* More connections than messages, so that the next one need not wait for its server. */
static const struct {
    size_t company, lanes;
} rules[ISOLATIONS] = {
    [ISOLATION_NONE] = {SIZE_MAX, 500},
    [ISOLATION_COMPANY] = {30, 100},
    [ISOLATION_ALONE] = {1, 40},
};

enum isolation isolation_of(uint32_t deaths)
{
    return deaths < ISOLATIONS ? (enum isolation)deaths : ISOLATION_ALONE;
}

size_t isolation_company(enum isolation isolation)
{
    return rules[isolation].company;
}

size_t isolation_lanes(enum isolation isolation)
{
    return rules[isolation].lanes;
}

/* In company nobody is convicted, however often. */
uint32_t isolation_deaths(uint32_t deaths, bool alone)
{
    return deaths + 1 < ISOLATION_DEATHS_MAX || alone ? deaths + 1 : deaths;
}
