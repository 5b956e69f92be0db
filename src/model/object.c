/* SPDX-License-Identifier: Apache-2.0 */
#include "model/object.h"

#include "settings/uuid.h"

#include <string.h>

bool object_id_equal(struct object_id a, struct object_id b)
{
    return object_id_compare(a, b) == 0;
}

int object_id_compare(struct object_id a, struct object_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool object_id_is_zero(struct object_id id)
{
    return object_id_equal(id, (struct object_id){{0}});
}

bool object_id_append(struct text *text, struct object_id id)
{
    return uuid_append(text, id.bytes);
}

bool object_id_parse(struct slice written, struct object_id *out_id)
{
    return uuid_parse(written, out_id->bytes);
}

struct object_id object_id_new(object_random_fn *random, void *context)
{
    struct object_id id;
    random(context, id.bytes, sizeof id.bytes);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x40);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}
