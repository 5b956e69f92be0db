/* SPDX-License-Identifier: Apache-2.0 */
/* What is reached stays, what is not is given back, and nothing passes the ceiling. */
#include "support/rows.h"

#include "shell/heap.h"

#include <stdio.h>

enum { CEILING = 1 << 20, MANY = 20000 };

static size_t cells(const struct heap *heap)
{
    size_t count = 0;
    for (const struct cell *cell = heap->cells; cell; cell = cell->next)
        count++;
    return count;
}

static void reach_root(struct heap *heap, void *context)
{
    heap_reach(heap, *(const struct datum *)context);
}

static void what_is_not_reached_is_given_back(void **state)
{
    (void)state;
    struct heap heap;
    struct datum root = datum_null();
    heap_init(&heap, CEILING, reach_root, &root);
    root = heap_list(&heap, 0);
    struct datum table = heap_map(&heap, DATUM_TABLE, SLICE(""));
    heap_append(&heap, root, table);
    map_set(&heap, table.map, SLICE("Name"), heap_text(&heap, SLICE("kept")));
    map_set(&heap, table.map, SLICE("itself"), root); /* a circle */
    heap_text(&heap, SLICE("dropped"));
    heap_collect(&heap);
    assert_int_equal(cells(&heap), 3);
    const struct datum *name = map_find(&heap, table.map, SLICE("nAME"));
    assert_non_null(name);
    row_expect_slice("kept", datum_slice(*name), SLICE("kept"));
    size_t level = heap_level(&heap);
    heap_keep(&heap, heap_text(&heap, SLICE("held")));
    heap_collect(&heap);
    assert_int_equal(cells(&heap), 4);
    heap_release(&heap, level);
    root = datum_null();
    heap_collect(&heap);
    assert_int_equal(cells(&heap), 0);
    heap_deinit(&heap);
}

static void a_chain_of_any_length_is_followed(void **state)
{
    (void)state;
    struct heap heap;
    struct datum root = datum_null();
    heap_init(&heap, (size_t)CEILING * 16, reach_root, &root);
    for (size_t i = 0; i < MANY * 5; i++) {
        struct datum list = heap_list(&heap, 1);
        heap_append(&heap, list, root);
        root = list;
    }
    heap_collect(&heap);
    assert_int_equal(cells(&heap), MANY * 5);
    heap_deinit(&heap);
}

static void the_ceiling_holds_and_memory_comes_back(void **state)
{
    (void)state;
    struct heap heap;
    struct datum root = datum_null();
    heap_init(&heap, CEILING, reach_root, &root);
    while (!heap.exhausted) {
        struct datum text = heap_text(&heap, SLICE("0123456789012345678901234567890123456789"));
        assert_true(heap.used <= CEILING);
        assert_int_equal(text.kind, heap.exhausted ? DATUM_NULL : DATUM_TEXT);
    }
    assert_int_equal(heap_list(&heap, SIZE_MAX / 2).kind, DATUM_NULL);
    heap_collect(&heap);
    assert_int_equal(heap.used, 0);
    heap.exhausted = false;
    assert_int_equal(heap_text(&heap, SLICE("again")).kind, DATUM_TEXT);
    heap_deinit(&heap);
}

static void maps_keep_order_and_ignore_case(void **state)
{
    (void)state;
    struct heap heap;
    char name[24];
    heap_init(&heap, (size_t)CEILING * 64, NULL, NULL);
    struct datum table = heap_map(&heap, DATUM_TABLE, SLICE(""));
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "Key%d", i);
        assert_true(map_set(&heap, table.map, slice_of(name), datum_integer(i)));
    }
    for (int i = 0; i < MANY; i += 2) {
        snprintf(name, sizeof(name), "kEY%d", i);
        if (i < 200)
            assert_true(map_remove(&heap, table.map, slice_of(name)));
        else
            assert_true(map_set(&heap, table.map, slice_of(name), datum_integer(-i)));
    }
    assert_int_equal(table.map->count, MANY - 100);
    row_expect_slice("first", name_slice(table.map->at[0].name), SLICE("Key1"));
    assert_null(map_find(&heap, table.map, SLICE("Key0")));
    assert_int_equal(map_find(&heap, table.map, SLICE("KEY400"))->number, -400);
    assert_int_equal(map_find(&heap, table.map, SLICE("key401"))->number, 401);
    heap_deinit(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_not_reached_is_given_back),
                                       cmocka_unit_test(a_chain_of_any_length_is_followed),
                                       cmocka_unit_test(the_ceiling_holds_and_memory_comes_back),
                                       cmocka_unit_test(maps_keep_order_and_ignore_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
