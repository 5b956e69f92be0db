/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#define CHECK_FRONT(type)                                                                          \
    _Static_assert(offsetof(struct type, id) == offsetof(struct object, id) &&                     \
                       offsetof(struct type, version) == offsetof(struct object, version) &&       \
                       offsetof(struct type, changed_ms) == offsetof(struct object, changed_ms),   \
                   "every object begins as struct object does")
CHECK_FRONT(server);
CHECK_FRONT(receive_connector);
CHECK_FRONT(certificate);
CHECK_FRONT(accepted_domain);
CHECK_FRONT(mailbox);
CHECK_FRONT(permission);
CHECK_FRONT(transport_config);

/* clang-format off */
static const struct model_kind_facts kinds[MODEL_KINDS] = {
    [MODEL_SERVER] =            {"Server", server_settings, sizeof(struct server), {"Name", "Fqdn"}, true},
    [MODEL_RECEIVE_CONNECTOR] = {"ReceiveConnector", receive_connector_settings, sizeof(struct receive_connector), {"Identity", "Name"}, true},
    [MODEL_CERTIFICATE] =       {"ExchangeCertificate", certificate_settings, sizeof(struct certificate), {"Thumbprint"}, true},
    [MODEL_ACCEPTED_DOMAIN] =   {"AcceptedDomain", accepted_domain_settings, sizeof(struct accepted_domain), {"Name", "DomainName"}, true},
    [MODEL_MAILBOX] =           {"Mailbox", mailbox_settings, sizeof(struct mailbox), {"Name", "PrimarySmtpAddress", "EmailAddresses"}, false},
    [MODEL_PERMISSION] =        {"ADPermission", permission_settings, sizeof(struct permission), {"Guid"}, true},
    [MODEL_TRANSPORT_CONFIG] =  {"TransportConfig", transport_config_settings, sizeof(struct transport_config), {"Name"}, true},
};
/* clang-format on */

const struct model_kind_facts *model_kind_facts(enum model_kind kind)
{
    return &kinds[kind];
}

bool model_kind_of_noun(struct slice noun, enum model_kind *out_kind)
{
    for (size_t i = 0; i < MODEL_KINDS; i++)
        if (slice_equal_nocase(noun, slice_of(kinds[i].noun))) {
            *out_kind = (enum model_kind)i;
            return true;
        }
    return false;
}

struct model *model_new(void)
{
    struct model *model = calloc(1, sizeof *model);
    if (model)
        model->arena = arena_with_ceiling(MODEL_CEILING_BYTES);
    return model;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    arena_deinit(&model->arena);
    free(model);
}

void *model_object_new(struct model *model, enum model_kind kind)
{
    void *object = arena_take(&model->arena, kinds[kind].size);
    if (!object || !settings_reset(kinds[kind].settings, object, &model->arena))
        return NULL;
    return object;
}

bool model_add(struct model *model, enum model_kind kind, void *object)
{
    struct object_list *list = &model->lists[kind];
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        void **grown = arena_take_array(&model->arena, capacity, sizeof *grown);
        if (!grown)
            return false;
        if (list->count)
            memcpy(grown, list->at, list->count * sizeof *grown);
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = object;
    return true;
}

bool model_remove(struct model *model, enum model_kind kind, const void *object)
{
    struct object_list *list = &model->lists[kind];
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i] == object) {
            list->count--;
            memmove(list->at + i, list->at + i + 1, (list->count - i) * sizeof *list->at);
            return true;
        }
    return false;
}

size_t model_count(const struct model *model, enum model_kind kind)
{
    return model->lists[kind].count;
}

void *model_object(const struct model *model, enum model_kind kind, size_t index)
{
    return model->lists[kind].at[index];
}

void *model_by_id(const struct model *model, enum model_kind kind, struct object_id id)
{
    for (size_t i = 0; i < model_count(model, kind); i++) {
        const struct object *object = model_object(model, kind, i);
        if (object_id_equal(object->id, id))
            return model_object(model, kind, i);
    }
    return NULL;
}

void *model_by_id_near(const struct model *model, enum model_kind kind, struct object_id id,
                       size_t *near)
{
    const struct object_list *list = &model->lists[kind];
    for (size_t i = 0; i < list->count; i++) {
        size_t at = *near + i < list->count ? *near + i : (*near + i) % list->count;
        const struct object *object = list->at[at];
        if (object_id_equal(object->id, id)) {
            *near = at + 1;
            return list->at[at];
        }
    }
    return NULL;
}

bool model_kind_equal(const struct model *a, const struct model *b, enum model_kind kind)
{
    bool equal = model_count(a, kind) == model_count(b, kind);
    for (size_t i = 0; equal && i < model_count(a, kind); i++)
        equal = settings_equal(kinds[kind].settings, model_object(a, kind, i),
                               model_object(b, kind, i));
    return equal;
}

/* --- bytes and copies --- */

bool model_object_encode(enum model_kind kind, const void *object, struct text *out_bytes)
{
    return settings_encode(kinds[kind].settings, object, 0, out_bytes);
}

void *model_object_decode(struct model *model, enum model_kind kind, struct slice bytes)
{
    struct slice copy;
    void *object = arena_take(&model->arena, kinds[kind].size);
    if (!object || !arena_copy(&model->arena, bytes, &copy) ||
        !settings_decode(kinds[kind].settings, &copy, object, &model->arena) || copy.len)
        return NULL;
    return object;
}

static bool copy_list(struct model *copy, const struct model *model, enum model_kind kind)
{
    for (size_t i = 0; i < model_count(model, kind); i++) {
        void *object = arena_take(&copy->arena, kinds[kind].size);
        if (!object ||
            !settings_copy(kinds[kind].settings, model_object(model, kind, i), object,
                           &copy->arena) ||
            !model_add(copy, kind, object))
            return false;
    }
    return true;
}

struct model *model_copy(const struct model *model)
{
    struct model *copy = model_new();
    bool done = copy != NULL;
    for (size_t kind = 0; done && kind < MODEL_KINDS; kind++)
        done = copy_list(copy, model, (enum model_kind)kind);
    if (!done) {
        model_free(copy);
        return NULL;
    }
    copy->revision = model->revision;
    return copy;
}
