/* SPDX-License-Identifier: Apache-2.0 */
/* Places at the control socket, and the tokens that were removed. */
#include "hub/places.h"
#include "hub/removed_tokens.h"
#include "support/rows.h"

#include <string.h>

static void everybody_has_a_share(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct places_taken taken;
        bool built_in, stranger;
        enum place place;
    } rows[] = {
        {"the first", {0, 0, 0}, false, true, PLACE_FREE},
        {"a stranger's fourth", {3, 3, 3}, false, true, PLACE_FREE},
        {"a stranger's fifth", {4, 4, 4}, false, true, PLACE_SHARE_USED_UP},
        {"the last of all strangers", {15, 15, 0}, false, true, PLACE_FREE},
        {"one stranger too many", {16, 16, 0}, false, true, PLACE_NONE_LEFT},
        {"a member among many strangers", {16, 16, 0}, false, false, PLACE_FREE},
        {"a member's sixteenth", {31, 16, 15}, false, false, PLACE_FREE},
        {"a member's seventeenth", {32, 16, 16}, false, false, PLACE_SHARE_USED_UP},
        {"a member, and it is full", {56, 16, 0}, false, false, PLACE_NONE_LEFT},
        {"root, and it is full for others", {56, 16, 40}, true, false, PLACE_FREE},
        {"root, and it is full", {64, 16, 20}, true, false, PLACE_NONE_LEFT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].name, "place",
                   place_for(&rows[i].taken, rows[i].built_in, rows[i].stranger), rows[i].place);
}

/* Strangers come and go as they like, as thousands of users: nobody else goes short. */
static void strangers_leave_room(void **state)
{
    (void)state;
    struct places_taken taken = {0};
    while (place_for(&taken, false, true) == PLACE_FREE)
        taken = (struct places_taken){taken.all + 1, taken.strangers + 1, 0};
    size_t members = 0;
    while (place_for(&taken, false, false) == PLACE_FREE) {
        taken = (struct places_taken){taken.all + 1, taken.strangers, 0};
        members++;
    }
    row_expect("members", "still find a place", members >= 40, true);
    row_expect("root", "still finds a place", place_for(&taken, true, false), PLACE_FREE);
}

static void the_newest_removed_tokens_are_known(void **state)
{
    (void)state;
    struct removed_tokens tokens = {0};
    unsigned char digest[TOKEN_DIGEST_BYTES] = {0};
    row_expect("nothing was removed", "held", removed_tokens_hold(&tokens, digest), false);
    for (unsigned char i = 1; i <= REMOVED_TOKENS_KEPT + 3; i++) {
        digest[TOKEN_DIGEST_BYTES - 1] = i;
        removed_tokens_add(&tokens, slice_bytes(digest, sizeof digest));
    }
    for (unsigned char i = 1; i <= REMOVED_TOKENS_KEPT + 4; i++) {
        digest[TOKEN_DIGEST_BYTES - 1] = i;
        row_expect("a removed one", "held", removed_tokens_hold(&tokens, digest),
                   i > 3 && i <= REMOVED_TOKENS_KEPT + 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_has_a_share),
        cmocka_unit_test(strangers_leave_room),
        cmocka_unit_test(the_newest_removed_tokens_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
