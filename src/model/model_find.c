/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by what people call them. */
#include "model/identity.h"

/* `*` is any run of bytes, `?` any one; case ignored. Steps back only to the latest asterisk, which
 * is enough and keeps the time within the product of both lengths. */
bool model_name_matches(struct slice pattern, struct slice s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, resume = 0;
    while (i < s.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            resume = i;
        } else if (p < pattern.len &&
                   (pattern.at[p] == '?' || ascii_lower(pattern.at[p]) == ascii_lower(s.at[i]))) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

static bool key_matches(const struct setting *row, const void *object, struct slice identity)
{
    char storage[IDENTITY_MAX];
    for (size_t i = 0; i < setting_value_count(row, object); i++) {
        struct text value = text_over(storage, sizeof storage);
        if (setting_print_value(row, object, i, &value) &&
            model_name_matches(identity, text_slice(&value)))
            return true;
    }
    return false;
}

static bool id_matches(const struct object *object, struct slice identity)
{
    struct object_id id;
    return object_id_parse(identity, &id) && object_id_equal(id, object->id);
}

struct identity_rows identity_rows(const struct model_kind_facts *facts)
{
    struct identity_rows rows = {0};
    for (size_t i = 0; i < MODEL_KEYS_MAX && facts->keys[i]; i++)
        rows.at[i] = setting_exact(facts->settings, slice_of(facts->keys[i]));
    return rows;
}

bool identity_means(const struct identity_rows *rows, const void *object, struct slice identity)
{
    if (id_matches(object, identity))
        return true;
    for (size_t i = 0; rows->at[i]; i++)
        if (key_matches(rows->at[i], object, identity))
            return true;
    return false;
}

struct slice identity_without_server(const struct model *model, enum model_kind kind,
                                     struct slice identity)
{
    struct slice rest = identity, server;
    bool ours = kind != MODEL_RECEIVE_CONNECTOR && model_server(model) &&
                slice_take_until(&rest, '\\', &server) && rest.len &&
                slice_equal_nocase(server, model_server(model)->name);
    return ours ? rest : identity;
}

size_t model_find(const struct model *model, enum model_kind kind, struct slice identity,
                  void **out_objects, size_t capacity)
{
    const struct identity_rows rows = identity_rows(model_kind_facts(kind));
    size_t count = 0;
    if (identity.len == 0)
        return 0;
    identity = identity_without_server(model, kind, identity);
    for (size_t i = 0; i < model_count(model, kind); i++) {
        void *object = model_object(model, kind, i);
        if (!identity_means(&rows, object, identity))
            continue;
        if (count < capacity)
            out_objects[count] = object;
        count++;
    }
    return count;
}

bool model_append_name(struct text *text, enum model_kind kind, const void *object)
{
    const struct model_kind_facts *facts = model_kind_facts(kind);
    return setting_print(setting_exact(facts->settings, slice_of(facts->keys[0])), object, text);
}
