/* SPDX-License-Identifier: Apache-2.0 */
/* An index of names answers what model_find does. */
#include "fixture.h"

#include "model/name_index.h"

enum { FOUND_MAX = 8 };

static void finds_what_the_model_finds(void **state)
{
    (void)state;
    static const char *const identities[] = {
        "One",           "one", "MX1\\ONE", "MX1\\Two",
        "MX2\\Two",      "Tw?", "*",        "Default*",
        "nobody",        "",    "mx1\\",    "Default Frontend MX1",
        "MX1\\MX1\\Two",
    };
    struct model *model = fixture_model();
    fixture_connector(model, "One", "Bindings=0.0.0.0:98");
    fixture_connector(model, "Two", "Bindings=0.0.0.0:99");
    struct name_index *index = name_index_new(model, MODEL_RECEIVE_CONNECTOR);
    assert_non_null(index);
    for (size_t i = 0; i < COUNT_OF(identities); i++) {
        void *wanted[FOUND_MAX] = {0}, *found[FOUND_MAX] = {0};
        size_t count =
            model_find(model, MODEL_RECEIVE_CONNECTOR, slice_of(identities[i]), wanted, FOUND_MAX);
        size_t seen = name_index_find(index, slice_of(identities[i]), found, FOUND_MAX);
        row_expect(identities[i], "count", (long long)seen, (long long)count);
        for (size_t k = 0; k < count && k < FOUND_MAX; k++)
            row_expect(identities[i], "the same object", found[k] == wanted[k], true);
    }
    name_index_free(index);
    model_free(model);
}

static void forgets_who_went_and_knows_the_rest(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct receive_connector *one = fixture_connector(model, "One", "Bindings=0.0.0.0:98");
    void *found = NULL;
    struct name_index *index = name_index_new(model, MODEL_RECEIVE_CONNECTOR);
    assert_non_null(index);
    assert_true(model_remove(model, MODEL_RECEIVE_CONNECTOR, one));
    assert_int_equal(name_index_find(index, SLICE("One"), &found, 1), 0);
    name_index_free(index);
    index = name_index_new(model, MODEL_MAILBOX);
    assert_non_null(index);
    assert_int_equal(name_index_find(index, SLICE("One"), &found, 1), 0);
    name_index_free(index);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_the_model_finds),
        cmocka_unit_test(forgets_who_went_and_knows_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
