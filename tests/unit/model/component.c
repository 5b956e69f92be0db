/* SPDX-License-Identifier: Apache-2.0 */
/* Components: the worst wish wins, whoever has it, and a wish is one text. */
#include "model/component.h"
#include "fixture.h"

static const int64_t at_ms = 1772539200000; /* 2026-03-03T12:00:00Z */

static void a_wish_is_one_text(void **state)
{
    (void)state;
    char storage[128];
    struct text text = text_over(storage, sizeof storage);
    struct component_wish wish = {COMPONENT_HUB_TRANSPORT, COMPONENT_DRAINING,
                                  REQUESTER_MAINTENANCE, at_ms};
    assert_true(component_wish_append(&text, &wish));
    row_expect_slice("written", text_slice(&text),
                     SLICE("HubTransport Draining Maintenance 2026-03-03T12:00:00.000Z"));
    struct component_wish back = {0};
    assert_true(component_wish_parse(text_slice(&text), &back));
    assert_int_equal(back.component, wish.component);
    assert_int_equal(back.state, wish.state);
    assert_int_equal(back.requester, wish.requester);
    assert_true(back.at_ms == wish.at_ms);
    static const char *const wrong[] = {
        "",
        "HubTransport",
        "HubTransport Asleep Maintenance 2026-03-03T12:00:00.000Z",
        "Kitchen Inactive Maintenance 2026-03-03T12:00:00.000Z",
        "HubTransport Inactive Somebody 2026-03-03T12:00:00.000Z",
        "HubTransport Inactive Maintenance yesterday",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        row_expect(wrong[i], "parsed", component_wish_parse(slice_of(wrong[i]), &back), false);
}

static const struct step {
    const char *name;
    enum component component;
    enum component_state state;
    enum component_requester requester;
    enum component_state front, hub; /* then */
    size_t count;
} steps[] = {
    {"front for maintenance", COMPONENT_FRONTEND_TRANSPORT, COMPONENT_DRAINING,
     REQUESTER_MAINTENANCE, COMPONENT_DRAINING, COMPONENT_ACTIVE, 1},
    {"another asks for more", COMPONENT_FRONTEND_TRANSPORT, COMPONENT_INACTIVE,
     REQUESTER_FUNCTIONAL, COMPONENT_INACTIVE, COMPONENT_ACTIVE, 2},
    {"the first is content", COMPONENT_FRONTEND_TRANSPORT, COMPONENT_ACTIVE, REQUESTER_MAINTENANCE,
     COMPONENT_INACTIVE, COMPONENT_ACTIVE, 1},
    {"the whole server", COMPONENT_SERVER_WIDE_OFFLINE, COMPONENT_DRAINING, REQUESTER_SIDELINED,
     COMPONENT_INACTIVE, COMPONENT_DRAINING, 2},
    {"the other changes its mind", COMPONENT_FRONTEND_TRANSPORT, COMPONENT_DRAINING,
     REQUESTER_FUNCTIONAL, COMPONENT_DRAINING, COMPONENT_DRAINING, 2},
    {"and gives up", COMPONENT_FRONTEND_TRANSPORT, COMPONENT_ACTIVE, REQUESTER_FUNCTIONAL,
     COMPONENT_DRAINING, COMPONENT_DRAINING, 1},
    {"the server is back", COMPONENT_SERVER_WIDE_OFFLINE, COMPONENT_ACTIVE, REQUESTER_SIDELINED,
     COMPONENT_ACTIVE, COMPONENT_ACTIVE, 0},
};

static void the_worst_wish_wins(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(1 << 16);
    struct slice_list wishes = {0};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct component_wish wish = {steps[i].component, steps[i].state, steps[i].requester,
                                      at_ms};
        assert_true(component_wish_put(&wishes, &wish, &arena));
        row_expect(steps[i].name, "wishes", (long long)wishes.count, (long long)steps[i].count);
        row_expect(steps[i].name, "front",
                   component_state_of(wishes, COMPONENT_FRONTEND_TRANSPORT, NULL), steps[i].front);
        row_expect(steps[i].name, "hub", component_state_of(wishes, COMPONENT_HUB_TRANSPORT, NULL),
                   steps[i].hub);
    }
    arena_deinit(&arena);
}

static void the_wish_that_decides_is_named(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(1 << 16);
    struct slice_list wishes = {0};
    struct component_wish all = {COMPONENT_SERVER_WIDE_OFFLINE, COMPONENT_INACTIVE,
                                 REQUESTER_HEALTH_API, at_ms},
                          own = {COMPONENT_HUB_TRANSPORT, COMPONENT_DRAINING, REQUESTER_DEPLOYMENT,
                                 at_ms},
                          found = {0};
    assert_true(component_wish_put(&wishes, &own, &arena));
    assert_true(component_wish_put(&wishes, &all, &arena));
    component_state_of(wishes, COMPONENT_HUB_TRANSPORT, &found);
    assert_int_equal(found.component, COMPONENT_SERVER_WIDE_OFFLINE);
    assert_int_equal(found.requester, REQUESTER_HEALTH_API);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wish_is_one_text),
        cmocka_unit_test(the_worst_wish_wins),
        cmocka_unit_test(the_wish_that_decides_is_named),
    };
    return cmocka_run_group_tests_name("model/component", tests, NULL, NULL);
}
