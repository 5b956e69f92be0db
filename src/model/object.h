/* SPDX-License-Identifier: Apache-2.0 */
/* object - what all objects of the model begin with: an id that never changes and a version.
 *
 * Every struct of the model has `struct object_id id; uint64_t version;` as its first members, then
 * the two times, so that generic code (model, store, operations) can work on any of them.
 */
#ifndef MODEL_OBJECT_H
#define MODEL_OBJECT_H

#include "base/object_id.h"
#include "base/text.h"
#include "settings/setting.h"

/* The common front. `struct object *` may point at any object of the model. */
struct object {
    struct object_id id;
    uint64_t version; /* counted up by whoever stores the object */
    int64_t created_ms, changed_ms;
};

bool object_id_equal(struct object_id a, struct object_id b);
int object_id_compare(struct object_id a, struct object_id b); /* a total order */
bool object_id_is_zero(struct object_id id);
bool object_id_append(struct text *text, struct object_id id); /* 8-4-4-4-12 hexadecimal digits */
bool object_id_parse(struct slice written, struct object_id *out_id);

/* Randomness is handed in: fills len bytes. */
typedef void object_random_fn(void *context, void *out_bytes, size_t len);
/* A version 4 UUID (RFC 9562 5.4). */
struct object_id object_id_new(object_random_fn *random, void *context);

/* One row of a settings table: SETTING_ROW(receive_connector, "RequireTLS", require_tls, .kind =
 * ...). */
#define SETTING_ROW(type, written, member, ...)                                                    \
    {                                                                                              \
        .name = written, .offset = offsetof(struct type, member), __VA_ARGS__                      \
    }

#endif
