/* SPDX-License-Identifier: Apache-2.0 */
/* model - the whole configuration of one server, as values.
 *
 * A model owns its objects until model_free. To change a configuration, copy the model, change the
 * copy, derive, validate, store, and let go of the old one; nobody who still reads the old one is
 * disturbed. The copy has objects of its own, but the bytes of their texts and lists are the same:
 * replace them, never write into them. Objects of one kind are numbered 0 .. model_count-1 in
 * the order in which they were added.
 *
 * It refuses to know processes, files and clocks.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/accepted_domain.h"
#include "model/certificate.h"
#include "model/distribution_group.h"
#include "model/dkim_signing_config.h"
#include "model/mailbox.h"
#include "model/management_token.h"
#include "model/permission.h"
#include "model/receive_connector.h"
#include "model/role_member.h"
#include "model/send_connector.h"
#include "model/server.h"
#include "model/transport_config.h"
#include "model/transport_service.h"

enum model_kind {
    MODEL_SERVER,
    MODEL_RECEIVE_CONNECTOR,
    MODEL_CERTIFICATE,
    MODEL_ACCEPTED_DOMAIN,
    MODEL_MAILBOX,
    MODEL_PERMISSION,
    MODEL_TRANSPORT_CONFIG,
    MODEL_TRANSPORT_SERVICE,
    MODEL_ROLE_MEMBER,
    MODEL_MANAGEMENT_TOKEN,
    MODEL_SEND_CONNECTOR,
    MODEL_DKIM_SIGNING_CONFIG,
    MODEL_DISTRIBUTION_GROUP,
};
enum { MODEL_KINDS = MODEL_DISTRIBUTION_GROUP + 1 };

enum { MODEL_CEILING_BYTES = 1 << 30, MODEL_KEYS_MAX = 4 };

struct object_list {
    void **at; /* each points at an object of the list's kind */
    size_t count, capacity;
};

struct model_texts;

struct model {
    struct arena *arena;       /* for texts and lists; shared with copies, lives as long as any */
    struct model_texts *texts; /* who holds it */
    struct arena objects;
    size_t *near; /* of each kind: where model_by_id looks first */
    uint64_t revision;
    struct object_list lists[MODEL_KINDS];
};

/* What generic code needs to know about a kind. */
struct model_kind_facts {
    const char *noun; /* "ReceiveConnector", as in Get-ReceiveConnector */
    const struct setting *settings;
    size_t size; /* of the struct */
    const char
        *keys[MODEL_KEYS_MAX]; /* settings that name an object, the printed one first; NULL ends */
    bool in_snapshot;
};
const struct model_kind_facts *model_kind_facts(enum model_kind kind);
bool model_kind_of_noun(struct slice noun, enum model_kind *out_kind);

struct model *model_new(void); /* empty; NULL without memory */
void model_free(struct model *model);
/* Costs the objects, not their texts. The copy may outlive the model; NULL without memory. */
MUST_USE struct model *model_copy(const struct model *model);

/* A new object with its fallbacks, in the arena, not yet in a list. NULL without memory. */
MUST_USE void *model_object_new(struct model *model, enum model_kind kind);
MUST_USE bool model_add(struct model *model, enum model_kind kind, void *object);
bool model_remove(struct model *model, enum model_kind kind,
                  const void *object); /* false: not in it */

size_t model_count(const struct model *model, enum model_kind kind);
void *model_object(const struct model *model, enum model_kind kind, size_t index);
/* Or NULL. Cheap for what was asked for last and for what stands behind it. */
void *model_by_id(const struct model *model, enum model_kind kind, struct object_id id);
/* The same for who walks two models side by side: *near, 0 at first, is where the object probably
 * is, and moves on behind it. */
void *model_by_id_near(const struct model *model, enum model_kind kind, struct object_id id,
                       size_t *near);
/* Value by value; at once for what a model_copy has left as it was. */
bool model_object_equal(enum model_kind kind, const void *a, const void *b);
/* Whether both hold the same objects in the same order, value by value. */
bool model_kind_equal(const struct model *a, const struct model *b, enum model_kind kind);
/* Whether a name is one that is written with * and ?; case does not matter. */
bool model_name_matches(struct slice pattern, struct slice name);
/* Objects that `identity` means: a key (name, SERVER\Name, thumbprint, address), the id, `*` and
 * `?` as wildcards, case ignored. Fills at most `capacity`, returns how many there are. Empty
 * identity: 0. */
size_t model_find(const struct model *model, enum model_kind kind, struct slice identity,
                  void **out_objects, size_t capacity);
/* What people call the object: its first key. */
bool model_append_name(struct text *text, enum model_kind kind, const void *object);

static inline struct server *model_server(const struct model *model) /* NULL when it has none yet */
{
    return model->lists[MODEL_SERVER].count ? model->lists[MODEL_SERVER].at[0] : NULL;
}
static inline struct receive_connector *model_receive_connector(const struct model *model, size_t i)
{
    return model->lists[MODEL_RECEIVE_CONNECTOR].at[i];
}
static inline struct certificate *model_certificate(const struct model *model, size_t i)
{
    return model->lists[MODEL_CERTIFICATE].at[i];
}
static inline struct accepted_domain *model_accepted_domain(const struct model *model, size_t i)
{
    return model->lists[MODEL_ACCEPTED_DOMAIN].at[i];
}
static inline struct mailbox *model_mailbox(const struct model *model, size_t i)
{
    return model->lists[MODEL_MAILBOX].at[i];
}
static inline struct distribution_group *model_distribution_group(const struct model *model,
                                                                  size_t i)
{
    return model->lists[MODEL_DISTRIBUTION_GROUP].at[i];
}
static inline struct send_connector *model_send_connector(const struct model *model, size_t i)
{
    return model->lists[MODEL_SEND_CONNECTOR].at[i];
}
static inline struct permission *model_permission(const struct model *model, size_t i)
{
    return model->lists[MODEL_PERMISSION].at[i];
}

static inline struct transport_config *
model_transport_config(const struct model *model) /* or NULL */
{
    const struct object_list *list = &model->lists[MODEL_TRANSPORT_CONFIG];
    return list->count ? list->at[0] : NULL;
}

static inline struct transport_service *
model_transport_service(const struct model *model) /* or NULL */
{
    const struct object_list *list = &model->lists[MODEL_TRANSPORT_SERVICE];
    return list->count ? list->at[0] : NULL;
}

/* Bytes of one object for the store, and back into the model's arena (texts are copied). NULL when
 * malformed. */
bool model_object_encode(enum model_kind kind, const void *object, struct text *out_bytes);
MUST_USE void *model_object_decode(struct model *model, enum model_kind kind, struct slice bytes);

/* The rules that join several parameters or several objects, for one object of the model (which is
 * already in its list). False: the error says which rule, with whom it conflicts and what to do. */
bool model_validate(const struct model *model, enum model_kind kind, const void *changed,
                    struct text *error);
/* What several objects of one model have to be compared with, looked up once for all of them. The
 * model must not change before the end. */
struct model_validation {
    const struct model *model;
    struct holder_index *holders; /* once it is asked for */
};
void model_validation_end(struct model_validation *validation);
/* As model_validate, of an object that was `before` in a model that kept every rule (NULL: was not
 * in it): where it is still what it was, the others are not looked through again. Each changed
 * object must be asked for. */
bool model_validate_after(struct model_validation *validation, enum model_kind kind,
                          const void *before, const void *changed, struct text *error);
bool model_validate_all(const struct model *model, struct text *error);
/* Whether the model may do without the object: the default domain, a domain with mailboxes, the
 * server may not go. */
bool model_validate_removal(const struct model *model, enum model_kind kind, const void *object,
                            struct text *error);

#endif
