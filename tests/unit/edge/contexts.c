/* SPDX-License-Identifier: Apache-2.0 */
/* contexts: what was kept is found until something newer needs its place. Contexts that could not
 * be made (NULL) stand in for those that could. */
#include "edge/contexts.h"
#include "support/rows.h"

enum { CONNECTORS = 100, CERTIFICATES = 100 };

static struct contexts contexts;
static struct receive_connector connectors[CONNECTORS];
static struct certificate certificates[CERTIFICATES];

static bool is_kept(size_t connector, size_t certificate)
{
    return contexts_find(&contexts, &connectors[connector], &certificates[certificate]) != NULL;
}

static void each_pair_is_found_by_itself_only(void **state)
{
    (void)state;
    contexts = (struct contexts){0};
    assert_false(is_kept(1, 2));
    assert_null(contexts_keep(&contexts, &connectors[1], &certificates[2], NULL));
    assert_true(is_kept(1, 2));
    assert_false(is_kept(2, 2));
    assert_false(is_kept(1, 1));
    contexts_deinit(&contexts);
}

static void their_number_has_a_ceiling_and_the_newest_stays(void **state)
{
    (void)state;
    size_t kept = 0;
    contexts = (struct contexts){0};
    for (size_t i = 0; i < CONNECTORS; i++)
        for (size_t k = 0; k < CERTIFICATES; k++) {
            contexts_keep(&contexts, &connectors[i], &certificates[k], NULL);
            assert_true(is_kept(i, k));
        }
    for (size_t i = 0; i < CONNECTORS; i++)
        for (size_t k = 0; k < CERTIFICATES; k++)
            kept += is_kept(i, k);
    assert_in_range(kept, CONTEXTS_SETS * CONTEXTS_WAYS / 2, CONTEXTS_SETS * CONTEXTS_WAYS);
    contexts_deinit(&contexts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_is_found_by_itself_only),
        cmocka_unit_test(their_number_has_a_ceiling_and_the_newest_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
