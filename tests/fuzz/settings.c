/* SPDX-License-Identifier: Apache-2.0 */
/* Every parameter of every object: the first byte picks the table, the second the row, the third
 * what to do; the rest is written text, or encoded bytes. What was accepted must print to what
 * parses to the same. */
#include "fuzz.h"
#include "model/model.h"

#include <stdlib.h>

static void check_identity(const struct setting *row, const void *object, struct arena *arena,
                           size_t size)
{
    struct text text = text_with_ceiling(1 << 20);
    void *back = arena_take(arena, size);
    if (!back || !setting_print(row, object, &text))
        abort();
    struct slice value = text_slice(&text);
    if (!setting_parse(row, back, arena, &value, 1, NULL) || !setting_equal(row, object, back))
        abort();
    text_deinit(&text);
}

static void parse(const struct setting *row, void *object, struct arena *arena, struct slice input,
                  size_t size)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    if (setting_parse(row, object, arena, &input, 1, &error))
        check_identity(row, object, arena, size);
    else if (error.len == 0)
        abort();
}

static void edit(const struct setting *row, void *object, struct arena *arena, struct slice input,
                 size_t size)
{
    struct slice add = {0};
    slice_take_until(&input, '\n', &add);
    if (setting_reset(row, object, arena) &&
        setting_edit(row, object, arena, (struct slice_list){&add, 1},
                     (struct slice_list){&input, 1}, NULL))
        check_identity(row, object, arena, size);
}

static void decode(const struct setting *rows, void *object, struct arena *arena,
                   struct slice input)
{
    struct text bytes = text_with_ceiling(1 << 24), again = text_with_ceiling(1 << 24);
    if (settings_decode(rows, &input, object, arena)) {
        struct slice rest;
        if (!settings_encode(rows, object, 0, &bytes))
            abort();
        rest = text_slice(&bytes);
        if (!settings_decode(rows, &rest, object, arena) ||
            !settings_encode(rows, object, 0, &again) ||
            !slice_equal(text_slice(&bytes), text_slice(&again)))
            abort();
    }
    text_deinit(&bytes);
    text_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    const struct model_kind_facts *facts =
        model_kind_facts((enum model_kind)(data[0] % MODEL_KINDS));
    const struct setting *row = &facts->settings[data[1] % settings_count(facts->settings)];
    struct slice input = slice_bytes(data + 3, size - 3);
    struct arena arena = arena_with_ceiling(1 << 24);
    void *object = arena_take(&arena, facts->size);
    if (!object)
        abort();
    if (data[2] % 3 == 0)
        parse(row, object, &arena, input, facts->size);
    else if (data[2] % 3 == 1)
        edit(row, object, &arena, input, facts->size);
    else
        decode(facts->settings, object, &arena, input);
    arena_deinit(&arena);
    return 0;
}
