/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/parcel: lists keep their order and their end, whatever is taken out. */
#include "hub/transport/parcel.h"

#include "base/attributes.h"
#include "support/rows.h"

#include <stdlib.h>
#include <string.h>

static void fill(struct parcel_list *list, const char *messages)
{
    parcel_list_init(list);
    for (; *messages; messages++) {
        struct scheduled what = {.message = (uint64_t)*messages};
        struct parcel *parcel = parcel_new(&what);
        assert_non_null(parcel);
        parcel_list_append(list, parcel);
    }
}

/* Takes all; so the end is looked at, too. */
static void expect(struct parcel_list *list, const char *messages)
{
    struct scheduled last = {.message = 'z'};
    assert_int_equal(list->count, strlen(messages));
    parcel_list_append(list, parcel_new(&last));
    for (; *messages; messages++) {
        struct parcel *parcel = parcel_list_take(list);
        assert_non_null(parcel);
        assert_int_equal(parcel->what.message, *messages);
        free(parcel);
    }
    assert_int_equal(list->count, 1);
    parcel_list_free(list);
    assert_null(parcel_list_take(list));
    assert_int_equal(list->count, 0);
}

static void a_copy_has_texts_of_its_own(void **state)
{
    (void)state;
    char sender[] = "bob@a.example", orcpt[] = "rfc822;x@y";
    struct scheduled what = {
        .sender = slice_of(sender), .orcpt = slice_of(orcpt), .address = SLICE("carol@b.example")};
    struct parcel *parcel = parcel_new(&what);
    memset(sender, 'X', sizeof sender - 1);
    memset(orcpt, 'X', sizeof orcpt - 1);
    assert_true(slice_equal(parcel->what.sender, SLICE("bob@a.example")));
    assert_true(slice_equal(parcel->what.orcpt, SLICE("rfc822;x@y")));
    assert_true(slice_equal(parcel->what.address, SLICE("carol@b.example")));
    free(parcel);
}

static void all_of_a_message_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *list, *left;
        unsigned taken;
    } rows[] = {{"abac", "bc", 2}, {"bca", "bc", 1}, {"aaa", "", 3}, {"bc", "bc", 0}, {"", "", 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct parcel_list list;
        struct parcel *parcel;
        unsigned taken = 0;
        fill(&list, rows[i].list);
        for (; (parcel = parcel_list_take_message(&list, 'a')); taken++)
            free(parcel);
        row_expect(rows[i].list, "taken", taken, rows[i].taken);
        expect(&list, rows[i].left);
    }
}

static void what_is_put_in_front_comes_first(void **state)
{
    (void)state;
    struct parcel_list list;
    struct scheduled what = {.message = 'c'};
    fill(&list, "");
    parcel_list_prepend(&list, parcel_new(&what));
    what.message = 'b';
    parcel_list_prepend(&list, parcel_new(&what));
    expect(&list, "bc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_texts_of_its_own),
        cmocka_unit_test(all_of_a_message_are_taken),
        cmocka_unit_test(what_is_put_in_front_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
