/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/isolation: in a simulation of couriers who kills is convicted by the third death,
 * nobody else ever is, and few have to travel by themselves. */
#include "hub/transport/isolation.h"

#include "support/rows.h"

#include <stdlib.h>

enum { MAIL_MAX = 5000, ROUNDS_MAX = 100000 };

struct mail {
    uint32_t deaths;
    bool kills, arrived;
};

struct world {
    struct mail mail[MAIL_MAX];
    size_t count;
    size_t deaths_of_couriers, convicted_innocents, convicted_killers;
    uint64_t state; /* of its random numbers */
};

static uint64_t chance(struct world *world, uint64_t below)
{
    world->state = world->state * 6364136223846793005u + 1442695040888963407u;
    return (world->state >> 33) % below;
}

/* What the courier of these suspects takes: some that wait, as many as it may have; one that is
 * there for all takes 500. */
static size_t take(struct world *world, enum isolation isolation, struct mail **out)
{
    size_t most = isolation_company(isolation) < 500 ? isolation_company(isolation) : 500;
    size_t start = chance(world, world->count), taken = 0;
    for (size_t i = 0; i < world->count && taken < most; i++) {
        struct mail *mail = &world->mail[(start + i) % world->count];
        if (!mail->arrived && isolation_of(mail->deaths) == isolation)
            out[taken++] = mail;
    }
    return taken;
}

static void see_death(struct world *world, struct mail **held, size_t count)
{
    world->deaths_of_couriers++;
    for (size_t i = 0; i < count; i++) {
        held[i]->deaths = isolation_deaths(held[i]->deaths, count == 1);
        if (held[i]->deaths < ISOLATION_DEATHS_MAX)
            continue;
        held[i]->arrived = true;
        world->convicted_killers += held[i]->kills;
        world->convicted_innocents += !held[i]->kills;
    }
}

/* One courier with what it has in hand, which arrives unless one of it kills. Returns whether
 * anything was there. */
static bool travel(struct world *world, enum isolation isolation, bool killed_from_outside)
{
    static struct mail *held[MAIL_MAX];
    size_t count = take(world, isolation, held);
    bool dies = killed_from_outside;
    for (size_t i = 0; i < count; i++)
        dies |= held[i]->kills;
    if (dies && count)
        see_death(world, held, count);
    for (size_t i = 0; !dies && i < count; i++)
        held[i]->arrived = true;
    return count > 0;
}

static void run(struct world *world, uint64_t kills_in_thousand)
{
    bool more = true;
    for (size_t round = 0; more && round < ROUNDS_MAX; round++) {
        more = false;
        for (int i = 0; i < ISOLATIONS; i++)
            more |= travel(world, (enum isolation)i, chance(world, 1000) < kills_in_thousand);
    }
    assert_false(more);
}

static struct world *world_new(size_t count, uint64_t seed)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->count = count;
    world->state = seed;
    return world;
}

static void one_killer_among_thousands(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct world *world = world_new(seed * 100, seed);
        world->mail[chance(world, world->count)].kills = true;
        run(world, 0);
        assert_int_equal(world->convicted_killers, 1);
        assert_int_equal(world->convicted_innocents, 0);
        assert_int_equal(world->deaths_of_couriers, ISOLATION_DEATHS_MAX);
        size_t alone = 0;
        for (size_t i = 0; i < world->count; i++)
            alone += isolation_of(world->mail[i].deaths) == ISOLATION_ALONE;
        assert_true(alone <= isolation_company(ISOLATION_COMPANY));
        free(world);
    }
}

static void several_killers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct world *world = world_new(3000, seed);
        size_t killers = 0;
        for (size_t i = 0; i < seed % 7 + 1; i++) {
            struct mail *mail = &world->mail[chance(world, world->count)];
            killers += !mail->kills;
            mail->kills = true;
        }
        run(world, 0);
        assert_int_equal(world->convicted_killers, killers);
        assert_int_equal(world->convicted_innocents, 0);
        assert_true(world->deaths_of_couriers <= killers * ISOLATION_DEATHS_MAX);
        free(world);
    }
}

/* Every tenth life of a courier ends for no fault of its mail. */
static void couriers_that_die_by_themselves(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct world *world = world_new(MAIL_MAX, seed);
        run(world, 100);
        size_t alone = 0;
        for (size_t i = 0; i < world->count; i++)
            alone += isolation_of(world->mail[i].deaths) == ISOLATION_ALONE;
        assert_true(alone <= MAIL_MAX / 20);
        free(world);
    }
}

static void a_death_in_company_convicts_nobody(void **state)
{
    (void)state;
    uint32_t deaths = 0;
    for (size_t i = 0; i < 1000; i++)
        deaths = isolation_deaths(deaths, false);
    assert_int_equal(deaths, ISOLATION_DEATHS_MAX - 1);
    assert_int_equal(isolation_of(deaths), ISOLATION_ALONE);
    assert_int_equal(isolation_deaths(deaths, true), ISOLATION_DEATHS_MAX);
    assert_int_equal(isolation_of(255), ISOLATION_ALONE);
    assert_true(isolation_company(ISOLATION_ALONE) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_killer_among_thousands),
        cmocka_unit_test(several_killers),
        cmocka_unit_test(couriers_that_die_by_themselves),
        cmocka_unit_test(a_death_in_company_convicts_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
