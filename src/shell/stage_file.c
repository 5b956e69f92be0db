/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/stage_file.h"

#include "base/base64.h"
#include "shell/value.h"

#include <string.h>

enum { FILE_MAX_BYTES = 256 << 20 };

void stage_file_init(struct stage_file *file, struct stage *stage)
{
    *file = (struct stage_file){.stage = stage, .bytes = text_with_ceiling(FILE_MAX_BYTES)};
    file->error = text_over(file->error_storage, sizeof file->error_storage);
}

void stage_file_deinit(struct stage_file *file)
{
    if (file->bytes.at)
        explicit_bzero(file->bytes.at, file->bytes.capacity);
    text_deinit(&file->bytes);
}

bool stage_file_is_written(const struct stage *stage)
{
    return stage->operation->writes_file && stage->arguments[0].kind == DATUM_TEXT;
}

static bool write_piece(struct stage_file *file, struct slice piece)
{
    const struct world *world = file->stage->machine->world;
    file->failed = !world->write_file(world->context, datum_slice(file->stage->arguments[0]), piece,
                                      file->begun, &file->error);
    file->begun = true;
    return !file->failed;
}

static bool keep_piece(struct stage_file *file, struct slice piece)
{
    file->failed = !text_append(&file->bytes, piece);
    return !file->failed;
}

bool stage_file_take(void *context, struct slice piece)
{
    struct stage_file *file = context;
    return stage_file_is_written(file->stage) ? write_piece(file, piece) : keep_piece(file, piece);
}

static bool decode(struct stage_file *file, struct slice encoded)
{
    text_clear(&file->bytes);
    file->failed = !base64_decode(encoded, &file->bytes);
    return !file->failed;
}

enum flow stage_file_write(struct stage_file *file, json_t *reply)
{
    json_t *object = json_array_get(json_object_get(reply, "objects"), 0);
    bool good = !file->failed;
    if (!file->stage->operation->file_follows)
        good = decode(file, value_text(object, "FileData")) &&
               write_piece(file, text_slice(&file->bytes));
    return good ? FLOW_ON
                : stage_complain(file->stage, OPERATION_FAILED, "FileNotWritten", "%.*s",
                                 SLICE_ARG(text_slice(&file->error)));
}

void stage_file_give(struct stage_file *file, struct datum object)
{
    struct heap *heap = &file->stage->machine->heap;
    const char *name = "FileData";
    if (object.kind != DATUM_OBJECT)
        return;
    struct datum *data = map_find(heap, object.map, slice_of(name));
    bool inside = data && data->kind == DATUM_TEXT && decode(file, datum_slice(*data));
    if (file->failed || (!inside && file->bytes.len == 0))
        return;
    map_set(heap, object.map, slice_of(name),
            heap_bytes(heap, DATUM_BYTES, text_slice(&file->bytes)));
}
