/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/make.h"

#include "hub/configuration/kinds.h"
#include "hub/configuration/known.h"
#include "hub/configuration/mail_keys.h"
#include "hub/configuration/object.h"
#include "hub/configuration/report.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 2048, ERROR_MAX_BYTES = 2000 };

/* What an item has become. */
struct made {
    struct made *next;
    struct item item;
    void *object;
};

struct making {
    struct call *call;
    struct change *change;
    struct model *draft;
    const struct configuration_kind *row;
    struct configuration_rows rows;
    struct configuration_known known[MODEL_KINDS];
    json_t *names; /* of the items of this kind, in lower case: which number had it */
    struct made *made, **made_end; /* in the order of the items */
    struct configuration_counts *counts;
};

static struct known *known_of(struct making *making, struct slice name)
{
    return configuration_known_find(&making->known[making->row->kind], name);
}

/* --- items --- */

static bool name_permission(struct making *making, const struct item *item, struct text *name)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    struct permission read;
    if (configuration_read_permission(item, making->draft, &read, &error))
        return configuration_append_name(name, making->draft, MODEL_PERMISSION, &read);
    item_fail(making->call, item, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

/* False: the call has failed. */
static bool name_item(struct making *making, const struct item *item, struct text *name)
{
    if (item->row->kind == MODEL_PERMISSION)
        return name_permission(making, item, name);
    if (item->row->single && making->known[item->row->kind].count)
        return text_append(name, making->known[item->row->kind].at[0].name);
    text_append(name, item_name(item));
    if (name->len > 0 || item->row->single)
        return true;
    item_fail(making->call, item, "-%s is missing",
              item->row->kind == MODEL_DKIM_SIGNING_CONFIG ? "DomainName" : "Name");
    return false;
}

static bool is_first(struct making *making, const struct item *item, struct slice name)
{
    char storage[NAME_MAX_BYTES];
    struct text lower = text_over(storage, sizeof(storage) - 1);
    text_append_lower(&lower, name);
    const char *key = text_c_string(&lower);
    const json_t *other = key ? json_object_get(making->names, key) : NULL;
    if (other) {
        item_fail(making->call, item, "number %lld has this name already",
                  (long long)json_integer_value(other));
        return false;
    }
    json_object_set_new(making->names, key ? key : "", json_integer((json_int_t)item->number));
    return true;
}

/* The secret of the item and the id it belongs to; *out_sealed is empty when there is none. */
static bool read_secret(struct making *making, const struct item *item, struct object_id *out_id,
                        struct text *out_sealed)
{
    const json_t *value = item->row->secret ? json_object_get(item->json, item->row->secret) : NULL;
    if (!value || configuration_secret_read(value, out_id, out_sealed))
        return true;
    item_fail(making->call, item, "-%s is not what Export-Configuration writes", item->row->secret);
    return false;
}

/* The first round: which objects have an item. */
static bool match(struct making *making, const struct item *item)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof(storage));
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct object_id id;
    bool good = name_item(making, item, &name) && is_first(making, item, text_slice(&name)) &&
                read_secret(making, item, &id, &sealed);
    struct known *known = good ? known_of(making, text_slice(&name)) : NULL;
    if (known) {
        known->named = true;
        known->makes_room =
            sealed.len && !object_id_equal(((const struct object *)known->object)->id, id);
    }
    text_deinit(&sealed);
    return good;
}

static bool remove_known(struct making *making)
{
    struct configuration_known *list = &making->known[making->row->kind];
    for (size_t i = list->count; i > 0; i--) {
        struct known *known = &list->at[i - 1];
        if (making->row->single || (known->named && !known->makes_room))
            continue;
        const struct object *front = known->object;
        const char *secret = secret_kind_of(making->row->kind);
        bool good = (!secret_is_set(making->row->kind, known->object) ||
                     change_secret(making->change, secret, front->id, SLICE(""))) &&
                    change_remove(making->change, making->row->kind, known->object);
        if (!good) {
            call_fail(making->call, OPERATION_FAILED, "there is no memory for the change");
            return false;
        }
        if (known->makes_room)
            continue;
        making->counts->removed++;
        configuration_report(making->call, making->row, "Remove", known->name);
    }
    return true;
}

/* --- one object --- */

static void *copy_of(struct model *draft, enum model_kind kind, const void *object)
{
    void *copy = arena_take(&draft->objects, model_kind_facts(kind)->size);
    if (copy)
        memcpy(copy, object, model_kind_facts(kind)->size);
    return copy;
}

/* The object of the draft that the item becomes: the one that is there, or a new one. */
static void *object_of(struct making *making, const struct known *known, struct object_id id)
{
    if (known && !known->makes_room)
        return known->object;
    struct object *object = known ? copy_of(making->draft, making->row->kind, known->object)
                                  : model_object_new(making->draft, making->row->kind);
    if (!object || !model_add(making->draft, making->row->kind, object))
        return NULL;
    object->id = id;
    object->version = 0;
    return object;
}

static bool set_settings(struct making *making, const struct item *item, void *object,
                         struct text *error)
{
    const char *name;
    json_t *value;
    json_object_foreach(item->json, name, value)
    {
        for (size_t i = 0; i < making->rows.count; i++)
            if (strcmp(making->rows.at[i]->name, name) == 0 &&
                !parameter_apply(making->rows.at[i], value, object, making->draft->arena, error))
                return false;
    }
    return true;
}

static bool fill(struct making *making, const struct item *item, void *object, struct text *error)
{
    struct configuration_peculiar peculiar = configuration_peculiar_of(item->row->kind);
    bool good = true;
    for (size_t i = 0; good && i < making->rows.count; i++)
        good = setting_reset(making->rows.at[i], object, making->draft->arena);
    return good && (!peculiar.begin || peculiar.begin(item, making->draft, object, error)) &&
           set_settings(making, item, object, error) &&
           (!peculiar.end || peculiar.end(item, making->draft, object, error));
}

/* Whether the store has another secret for the object, or none. */
static bool secret_differs(const struct making *making, struct object_id id, struct slice sealed)
{
    struct text here = text_with_ceiling(WIRE_SECRET_MAX), key_name = text_with_ceiling(256);
    struct slice kind = slice_of(secret_kind_of(making->row->kind));
    bool differs =
        config_secret_get(making->call->hub->store, kind, id, &here, &key_name) != STORE_OK ||
        !slice_equal(text_slice(&here), sealed);
    text_deinit(&here);
    text_deinit(&key_name);
    return differs;
}

/* *out_changed: also when nothing but the secret differs. */
static bool put_secret(struct making *making, const void *before, void *object, struct slice sealed,
                       bool *out_changed)
{
    enum model_kind kind = making->row->kind;
    const char *secret = secret_kind_of(kind);
    struct object_id id = ((const struct object *)object)->id;
    bool had = before && secret && secret_is_set(kind, before);
    bool gone = had && !secret_is_set(kind, object);
    *out_changed = gone || (secret && sealed.len > 0 && secret_differs(making, id, sealed));
    return !*out_changed || change_secret(making->change, secret, id, gone ? SLICE("") : sealed);
}

static bool note_made(struct making *making, const struct item *item, void *object)
{
    struct made *made = arena_take(&making->draft->objects, sizeof(*made));
    if (!made)
        return false;
    *made = (struct made){.item = *item, .object = object};
    *making->made_end = made;
    making->made_end = &made->next;
    return true;
}

static bool keys_differ(enum model_kind kind, const void *before, const void *object)
{
    if (kind == MODEL_DKIM_SIGNING_CONFIG)
        return !mail_keys_equal(before, object);
    return kind == MODEL_CERTIFICATE &&
           !slice_equal(((const struct certificate *)before)->key_sealed,
                        ((const struct certificate *)object)->key_sealed);
}

static bool put(struct making *making, const struct item *item, const void *before, void *object,
                struct slice name, struct slice sealed)
{
    bool secret;
    enum model_kind kind = making->row->kind;
    if (!put_secret(making, before, object, sealed, &secret))
        return false;
    bool same = before && model_object_equal(kind, before, object);
    if (!note_made(making, item, object))
        return false;
    if (same && !secret)
        return true;
    if (before) {
        configuration_report_changed(making->call, making->row, name, before, object);
        if (secret || keys_differ(kind, before, object))
            configuration_report_secret(making->call, making->row, name);
        making->counts->changed++;
    } else {
        configuration_report(making->call, making->row, "Add", name);
        making->counts->added++;
    }
    return change_put(making->change, kind, object);
}

static bool id_is_free(struct making *making, const struct item *item, const struct known *known,
                       struct object_id id)
{
    bool kept = known && !known->makes_room;
    if (kept || !model_by_id(making->draft, making->row->kind, id))
        return true;
    item_fail(making->call, item, "-%s belongs to another object, which is there, too",
              item->row->secret);
    return false;
}

/* False: the call has failed. */
static bool make_with(struct making *making, const struct item *item, struct slice name,
                      struct object_id id, struct slice sealed)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    const struct known *known = known_of(making, name);
    if (!id_is_free(making, item, known, id))
        return false;
    const void *before = known ? copy_of(making->draft, making->row->kind, known->object) : NULL;
    void *object = object_of(making, known, id);
    if (object && (before || !known) && fill(making, item, object, &error) &&
        put(making, item, before, object, name, sealed))
        return true;
    item_fail(making->call, item, "%.*s",
              SLICE_ARG(error.len ? text_slice(&error) : SLICE("there is no memory for it")));
    return false;
}

/* The second round. */
static bool make_one(struct making *making, const struct item *item)
{
    char storage[NAME_MAX_BYTES];
    struct text name = text_over(storage, sizeof(storage));
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    struct object_id id = operation_new_id();
    bool good = name_item(making, item, &name) && read_secret(making, item, &id, &sealed) &&
                make_with(making, item, text_slice(&name), id, text_slice(&sealed));
    text_deinit(&sealed);
    return good;
}

/* --- all of them --- */

static bool each_of_kind(struct making *making, json_t *list,
                         bool (*run)(struct making *, const struct item *))
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct item item = {making->row, i + 1, json_array_get(list, i)};
        if (!run(making, &item))
            return false;
    }
    return true;
}

/* A single one that the text does not name has its fallbacks. */
static bool make_kind(struct making *making, json_t *list)
{
    json_t *empty = json_pack("[{}]");
    bool unsaid = making->row->single && json_array_size(list) == 0 &&
                  making->known[making->row->kind].count > 0;
    making->rows = configuration_rows_of(making->row);
    making->names = json_object();
    if (unsaid)
        list = empty;
    bool good = each_of_kind(making, list, match) && remove_known(making) &&
                each_of_kind(making, list, make_one);
    json_decref(making->names);
    json_decref(empty);
    return good;
}

/* Where the object stands that breaks a rule. */
static bool find_broken(const struct making *making)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    struct model_validation validation = {.model = making->draft};
    const struct made *made = making->made;
    while (made &&
           model_validate_after(&validation, made->item.row->kind, NULL, made->object, &error))
        made = made->next;
    model_validation_end(&validation);
    if (made)
        item_fail(making->call, &made->item, "%.*s", SLICE_ARG(text_slice(&error)));
    return made != NULL;
}

/* A change of the accepted domains concerns objects that are as they were. */
static bool keeps_rules(const struct making *making)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    bool all = !model_kind_equal(making->call->hub->model, making->draft, MODEL_ACCEPTED_DOMAIN);
    if (all && find_broken(making))
        return false;
    if (change_validate(making->change, &error))
        return true;
    if (!find_broken(making))
        call_fail(making->call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

bool configuration_make(struct call *call, struct change *change, json_t *document,
                        struct configuration_counts *out_counts)
{
    struct making making = {
        .call = call, .change = change, .draft = change_draft(change), .counts = out_counts};
    json_t *objects = json_object_get(document, "objects");
    bool good = true;
    making.made_end = &making.made;
    *out_counts = (struct configuration_counts){0};
    for (size_t kind = 0; good && kind < MODEL_KINDS; kind++)
        good = configuration_known_list(&making.known[kind], making.draft, (enum model_kind)kind);
    if (!good) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the change");
        return false;
    }
    for (size_t i = 0; good && i < configuration_kind_count; i++) {
        making.row = &configuration_kinds[i];
        good = make_kind(&making, json_object_get(objects, configuration_noun(making.row)));
    }
    return good && keeps_rules(&making);
}
