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
CHECK_FRONT(transport_service);
CHECK_FRONT(role_member);
CHECK_FRONT(management_token);
CHECK_FRONT(send_connector);
CHECK_FRONT(dkim_signing_config);

/* clang-format off */
static const struct model_kind_facts kinds[MODEL_KINDS] = {
    [MODEL_SERVER] =            {"Server", server_settings, sizeof(struct server), {"Name", "Fqdn"}, true},
    [MODEL_RECEIVE_CONNECTOR] = {"ReceiveConnector", receive_connector_settings, sizeof(struct receive_connector), {"Identity", "Name"}, true},
    [MODEL_CERTIFICATE] =       {"ExchangeCertificate", certificate_settings, sizeof(struct certificate), {"Thumbprint"}, true},
    [MODEL_ACCEPTED_DOMAIN] =   {"AcceptedDomain", accepted_domain_settings, sizeof(struct accepted_domain), {"Name", "DomainName"}, true},
    [MODEL_MAILBOX] =           {"Mailbox", mailbox_settings, sizeof(struct mailbox), {"Name", "PrimarySmtpAddress", "EmailAddresses"}, false},
    [MODEL_PERMISSION] =        {"ADPermission", permission_settings, sizeof(struct permission), {"Guid"}, true},
    [MODEL_TRANSPORT_CONFIG] =  {"TransportConfig", transport_config_settings, sizeof(struct transport_config), {"Name"}, true},
    [MODEL_TRANSPORT_SERVICE] = {"TransportService", transport_service_settings, sizeof(struct transport_service), {"Name"}, true},
    [MODEL_ROLE_MEMBER] =       {"RoleGroupMember", role_member_settings, sizeof(struct role_member), {"Member"}, false},
    [MODEL_MANAGEMENT_TOKEN] =  {"ManagementToken", management_token_settings, sizeof(struct management_token), {"Name"}, false},
    [MODEL_SEND_CONNECTOR] =    {"SendConnector", send_connector_settings, sizeof(struct send_connector), {"Name"}, false},
    [MODEL_DKIM_SIGNING_CONFIG] = {"DkimSigningConfig", dkim_signing_config_settings, sizeof(struct dkim_signing_config), {"DomainName"}, false},
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

/* --- a model and its memory --- */

/* Texts and lists never change in place, so a model and its copies hold them together. Whatever is
 * replaced stays here until so much has gathered that the next copy takes only what it needs. */
struct model_texts {
    struct arena arena;
    size_t models;       /* that live on it */
    size_t needed_bytes; /* by the first model that was copied */
};

enum { GARBAGE_MIN_BYTES = 256 << 10 };

static void texts_unref(struct model_texts *texts)
{
    if (!texts || --texts->models)
        return;
    arena_deinit(&texts->arena);
    free(texts);
}

struct model_and_near {
    struct model model;
    size_t near[MODEL_KINDS];
};

static struct model *model_over(struct model_texts *texts)
{
    struct model_and_near *both = texts ? calloc(1, sizeof *both) : NULL;
    if (!both)
        return NULL;
    struct model *model = &both->model; /* free() of the one is free() of the other */
    model->near = both->near;
    texts->models++;
    model->texts = texts;
    model->arena = &texts->arena;
    model->objects = arena_with_ceiling(MODEL_CEILING_BYTES);
    return model;
}

struct model *model_new(void)
{
    struct model_texts *texts = calloc(1, sizeof *texts);
    if (texts)
        texts->arena = arena_with_ceiling(MODEL_CEILING_BYTES);
    struct model *model = model_over(texts);
    if (!model)
        free(texts);
    return model;
}

void model_free(struct model *model)
{
    if (!model)
        return;
    arena_deinit(&model->objects);
    texts_unref(model->texts);
    free(model);
}

void *model_object_new(struct model *model, enum model_kind kind)
{
    void *object = arena_take(&model->objects, kinds[kind].size);
    if (!object || !settings_reset(kinds[kind].settings, object, model->arena))
        return NULL;
    return object;
}

bool model_add(struct model *model, enum model_kind kind, void *object)
{
    struct object_list *list = &model->lists[kind];
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        void **grown = arena_take_array(&model->objects, capacity, sizeof *grown);
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
    size_t near = model->near[kind];
    void *found = model_by_id_near(model, kind, id, &near);
    if (found)
        model->near[kind] = near - 1;
    return found;
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

bool model_object_equal(enum model_kind kind, const void *a, const void *b)
{
    return memcmp(a, b, kinds[kind].size) == 0 || settings_equal(kinds[kind].settings, a, b);
}

bool model_kind_equal(const struct model *a, const struct model *b, enum model_kind kind)
{
    bool equal = model_count(a, kind) == model_count(b, kind);
    for (size_t i = 0; equal && i < model_count(a, kind); i++)
        equal = model_object_equal(kind, model_object(a, kind, i), model_object(b, kind, i));
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
    void *object = arena_take(&model->objects, kinds[kind].size);
    if (!object || !arena_copy(model->arena, bytes, &copy) ||
        !settings_decode(kinds[kind].settings, &copy, object, model->arena) || copy.len)
        return NULL;
    return object;
}

/* With `texts_too` nothing of the copy leans on the model. */
static bool copy_list(struct model *copy, const struct model *model, enum model_kind kind,
                      bool texts_too)
{
    size_t count = model_count(model, kind), size = kinds[kind].size;
    char *objects = count ? arena_take_array(&copy->objects, count, size) : NULL;
    if (count && !objects)
        return false;
    for (size_t i = 0; i < count; i++) {
        const void *from = model_object(model, kind, i);
        void *to = objects + i * size;
        memcpy(to, from, size);
        if ((texts_too && !settings_copy(kinds[kind].settings, from, to, copy->arena)) ||
            !model_add(copy, kind, to))
            return false;
    }
    return true;
}

static bool holds_garbage(struct model_texts *texts)
{
    if (!texts->needed_bytes)
        texts->needed_bytes = texts->arena.used;
    return texts->arena.used / 2 > texts->needed_bytes + GARBAGE_MIN_BYTES;
}

struct model *model_copy(const struct model *model)
{
    bool texts_too = holds_garbage(model->texts);
    struct model *copy = texts_too ? model_new() : model_over(model->texts);
    bool done = copy != NULL;
    for (size_t kind = 0; done && kind < MODEL_KINDS; kind++)
        done = copy_list(copy, model, (enum model_kind)kind, texts_too);
    if (!done) {
        model_free(copy);
        return NULL;
    }
    copy->revision = model->revision;
    return copy;
}
