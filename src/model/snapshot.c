/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes that say what this is, the format's number (32 bits), the revision (64 bits), then
 * for each kind that travels a count (32 bits) and its objects. Little end first. */
#include "model/snapshot.h"

#include <string.h>

enum {
    FORMAT = 2,
    SMALLEST_OBJECT_BYTES = 4,
    HEADER_BYTES = 20,
    PIECE_BYTES = 128 << 10,
    OBJECT_MAX = 256 << 20
};

static const struct slice magic = SLICE_INIT("POSTERNc");

static bool append_number(struct text *text, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (!text_append_byte(text, (char)(number >> 8 * i)))
            return false;
    return true;
}

static bool take_number(struct slice *rest, size_t bytes, uint64_t *out_number)
{
    if (rest->len < bytes)
        return false;
    *out_number = 0;
    for (size_t i = 0; i < bytes; i++)
        *out_number |= (uint64_t)(uint8_t)rest->at[i] << 8 * i;
    *rest = slice_after(*rest, bytes);
    return true;
}

/* --- out --- */

static bool take_counted(struct slice *rest, struct slice *out_whole)
{
    struct slice whole = *rest;
    uint64_t len;
    if (!take_number(rest, 4, &len) || len > rest->len)
        return false;
    *rest = slice_after(*rest, len);
    *out_whole = slice_first(whole, 4 + len);
    return true;
}

/* A piece of the bytes, handed over before it grows large. */
struct outlet {
    struct text piece;
    snapshot_sink_fn *sink;
    void *context;
};

static bool flush(struct outlet *outlet)
{
    bool taken = outlet->sink(outlet->context, text_slice(&outlet->piece));
    text_clear(&outlet->piece);
    return taken;
}

/* The objects of one kind in an earlier model, beside their bytes. */
struct earlier {
    const struct model *model;
    size_t next;
    struct slice bytes; /* from there on */
};

/* Lists keep their order and grow at the end: what is not found further on is new. */
static bool find_earlier(struct earlier *earlier, enum model_kind kind, const struct object *object,
                         struct slice *out_whole)
{
    size_t size = model_kind_facts(kind)->size;
    while (earlier->model && earlier->next < model_count(earlier->model, kind)) {
        const struct object *candidate = model_object(earlier->model, kind, earlier->next++);
        if (!take_counted(&earlier->bytes, out_whole))
            return false;
        if (object_id_equal(candidate->id, object->id))
            return memcmp(candidate, object, size) == 0; /* texts too: nobody writes into them */
    }
    return false;
}

static bool skip_rest(struct earlier *earlier, enum model_kind kind)
{
    struct slice whole;
    for (; earlier->next < model_count(earlier->model, kind); earlier->next++)
        if (!take_counted(&earlier->bytes, &whole))
            return false;
    return true;
}

static bool encode_kind(const struct model *model, enum model_kind kind, struct earlier *earlier,
                        struct outlet *outlet)
{
    struct text *out = &outlet->piece;
    size_t count = model_count(model, kind);
    uint64_t earlier_count;
    struct settings_tags tags = settings_tags_of(model_kind_facts(kind)->settings);
    if (count > UINT32_MAX || !append_number(out, count, 4))
        return false;
    earlier->next = 0;
    if (earlier->model && (!take_number(&earlier->bytes, 4, &earlier_count) ||
                           earlier_count != model_count(earlier->model, kind)))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct slice whole;
        const void *object = model_object(model, kind, i);
        if (!(find_earlier(earlier, kind, object, &whole)
                  ? text_append(out, whole)
                  : settings_encode_with(&tags, object, SETTING_NOT_IN_SNAPSHOT, out)) ||
            (out->len >= PIECE_BYTES && !flush(outlet)))
            return false;
    }
    return !earlier->model || skip_rest(earlier, kind);
}

static bool encode_all(const struct model *model, uint64_t revision, struct earlier *earlier,
                       struct outlet *outlet)
{
    struct text *out = &outlet->piece;
    if (!text_append(out, magic) || !append_number(out, FORMAT, 4) ||
        !append_number(out, revision, 8))
        return false;
    for (size_t kind = 0; kind < MODEL_KINDS; kind++)
        if (model_kind_facts((enum model_kind)kind)->in_snapshot &&
            !encode_kind(model, (enum model_kind)kind, earlier, outlet))
            return false;
    return flush(outlet);
}

bool snapshot_write(const struct model *model, uint64_t revision, const struct snapshot *before,
                    snapshot_sink_fn *sink, void *context)
{
    struct earlier earlier = {0};
    if (before->model)
        earlier = (struct earlier){.model = before->model,
                                   .bytes = slice_after(before->bytes, HEADER_BYTES)};
    struct outlet outlet = {text_with_ceiling(OBJECT_MAX), sink, context};
    bool written = encode_all(model, revision, &earlier, &outlet);
    text_deinit(&outlet.piece);
    return written;
}

static bool append(void *context, struct slice bytes)
{
    return text_append(context, bytes);
}

bool snapshot_encode(const struct model *model, uint64_t revision, struct text *out_bytes)
{
    return snapshot_write(model, revision, &(struct snapshot){0}, append, out_bytes);
}

/* --- in --- */

/* The objects of one kind in one piece, so that choosing among thousands walks through memory. */
static enum snapshot_outcome decode_kind(struct model *model, enum model_kind kind,
                                         struct slice *bytes)
{
    const struct model_kind_facts *facts = model_kind_facts(kind);
    uint64_t count;
    if (!take_number(bytes, 4, &count) || count > bytes->len / SMALLEST_OBJECT_BYTES)
        return SNAPSHOT_MALFORMED;
    if (count == 0)
        return SNAPSHOT_OK;
    struct settings_tags tags = settings_tags_of(facts->settings);
    char *objects = arena_take_array(&model->objects, count, facts->size);
    if (!objects)
        return SNAPSHOT_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        void *object = objects + i * facts->size;
        if (!settings_decode_with(&tags, bytes, object, model->arena))
            return SNAPSHOT_MALFORMED;
        if (!model_add(model, kind, object))
            return SNAPSHOT_NO_MEMORY;
    }
    return SNAPSHOT_OK;
}

static enum snapshot_outcome decode_header(struct model *model, struct slice *bytes)
{
    uint64_t format;
    if (!slice_take_prefix(bytes, magic) || !take_number(bytes, 4, &format))
        return SNAPSHOT_MALFORMED;
    if (format != FORMAT)
        return SNAPSHOT_OTHER_FORMAT;
    return take_number(bytes, 8, &model->revision) ? SNAPSHOT_OK : SNAPSHOT_MALFORMED;
}

enum snapshot_outcome snapshot_decode(struct slice bytes, struct model **out_model)
{
    struct model *model = model_new();
    if (!model)
        return SNAPSHOT_NO_MEMORY;
    enum snapshot_outcome outcome = decode_header(model, &bytes);
    for (size_t kind = 0; outcome == SNAPSHOT_OK && kind < MODEL_KINDS; kind++)
        if (model_kind_facts((enum model_kind)kind)->in_snapshot)
            outcome = decode_kind(model, (enum model_kind)kind, &bytes);
    if (outcome == SNAPSHOT_OK && bytes.len)
        outcome = SNAPSHOT_MALFORMED;
    if (outcome != SNAPSHOT_OK) {
        model_free(model);
        return outcome;
    }
    *out_model = model;
    return SNAPSHOT_OK;
}
