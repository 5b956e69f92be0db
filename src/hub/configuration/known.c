/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/known.h"

#include "hub/configuration/object.h"

#include <stdlib.h>

enum { NAME_MAX_BYTES = 2048 };

static int compare(const void *a, const void *b)
{
    return slice_compare_nocase(((const struct known *)a)->name, ((const struct known *)b)->name);
}

bool configuration_known_list(struct configuration_known *list, struct model *model,
                              enum model_kind kind)
{
    list->count = model_count(model, kind);
    list->at = arena_take_array(&model->objects, list->count + 1, sizeof(*list->at));
    for (size_t i = 0; list->at && i < list->count; i++) {
        char storage[NAME_MAX_BYTES];
        struct text name = text_over(storage, sizeof(storage));
        list->at[i].object = model_object(model, kind, i);
        configuration_append_name(&name, model, kind, list->at[i].object);
        if (!arena_copy(&model->objects, text_slice(&name), &list->at[i].name))
            return false;
    }
    if (list->at)
        qsort(list->at, list->count, sizeof(*list->at), compare);
    return list->at != NULL;
}

struct known *configuration_known_find(const struct configuration_known *list, struct slice name)
{
    struct known wanted = {.name = name};
    return bsearch(&wanted, list->at, list->count, sizeof(*list->at), compare);
}
