/* SPDX-License-Identifier: Apache-2.0 */
/* One batch for all of it: the store makes it durable as it does with every change. */
#include "base/number.h"
#include "hub/configuration/record.h"
#include "os/clock.h"
#include "scale.h"
#include "store/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_BYTES_MAX = 1 << 30, PATH_BYTES = 4096, STORED_WITHIN_MS = 120000 };

struct answer {
    bool given;
    enum store_outcome outcome;
};

static void on_applied(void *context, enum store_outcome outcome, uint64_t sequence)
{
    (void)sequence;
    *(struct answer *)context = (struct answer){true, outcome};
}

static bool on_record(void *context, const struct config_object *object)
{
    enum model_kind kind;
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    if (model_kind_of_noun(object->kind, &kind) && kind == MODEL_SERVER &&
        !record_read(context, kind, object->id, object->version, object->body, &error))
        scale_give_up("store", text_slice(&error));
    return true;
}

/* The store belongs to the user the server runs as, and lets nobody else in. */
static struct store *open_store(const char *data)
{
    char folder[PATH_BYTES];
    struct stat facts;
    struct store *store;
    struct store_options options = {.ballast_bytes = 16 << 20};
    snprintf(folder, sizeof folder, "%s/store", data);
    if (stat(folder, &facts) < 0 || setegid(facts.st_gid) < 0 || seteuid(facts.st_uid) < 0)
        scale_give_up(data, SLICE("has no store; start the server there once"));
    if (store_open(folder, &options, &store) < 0)
        scale_give_up(folder, SLICE("cannot be opened; is the server stopped?"));
    return store;
}

static void write_kind(const struct model *model, enum model_kind kind,
                       struct config_change *changes, struct text *bytes)
{
    for (size_t i = 0; i < model_count(model, kind); i++) {
        const struct object *object = model_object(model, kind, i);
        size_t start = bytes->len;
        bool good = model_append_name(bytes, kind, object);
        size_t middle = bytes->len;
        if (!good || !record_write(kind, object, bytes))
            scale_give_up("store", SLICE("out of memory"));
        changes[i] = (struct config_change){.operation = CONFIG_PUT,
                                            .kind = slice_of(model_kind_facts(kind)->noun),
                                            .id = object->id,
                                            .name = {NULL, middle - start},
                                            .body = {NULL, bytes->len - middle},
                                            .expected_version = CONFIG_VERSION_NEW};
    }
}

static void apply(struct store *store, const struct config_batch *batch)
{
    struct answer answer = {0};
    if (config_apply(store, batch, on_applied, &answer) != STORE_OK)
        scale_give_up("store", SLICE("does not take the batch"));
    struct pollfd event = {.fd = store_event_fd(store), .events = POLLIN};
    while (!answer.given && poll(&event, 1, STORED_WITHIN_MS) > 0)
        store_dispatch(store);
    if (!answer.given || answer.outcome != STORE_OK)
        scale_give_up("store", slice_of(answer.given ? store_outcome_name(answer.outcome)
                                                     : "no answer in time"));
}

static void store_model(struct store *store, const struct model *model)
{
    size_t connectors = model_count(model, MODEL_RECEIVE_CONNECTOR);
    size_t count = connectors + model_count(model, MODEL_CERTIFICATE);
    CLEANUP(text_deinit) struct text bytes = text_with_ceiling(BATCH_BYTES_MAX);
    struct config_change *changes = calloc(count, sizeof *changes);
    if (!changes)
        scale_give_up("store", SLICE("out of memory"));
    write_kind(model, MODEL_RECEIVE_CONNECTOR, changes, &bytes);
    write_kind(model, MODEL_CERTIFICATE, changes + connectors, &bytes);
    const char *at = bytes.at; /* now that the text grows no more */
    for (size_t i = 0; i < count; i++) {
        changes[i].name.at = at;
        changes[i].body.at = at + changes[i].name.len;
        at += changes[i].name.len + changes[i].body.len;
    }
    apply(store, &(struct config_batch){.changes = changes,
                                        .count = count,
                                        .actor = SLICE("bench"),
                                        .command = SLICE("bench-scale populate"),
                                        .at_ms = clock_wall_ms()});
    free(changes);
}

int scale_populate(const char *data, const char *count, const char *port)
{
    uint64_t many, where;
    struct kek *kek;
    if (!number_parse_u64(slice_of(count), SCALE_MAX, &many) ||
        !number_parse_u64(slice_of(port), 65535, &where))
        scale_give_up("arguments", SLICE("a count up to 60000 and a port"));
    if (kek_open(data, &kek) < 0)
        scale_give_up(data, SLICE("the key-encryption key cannot be read"));
    struct store *store = open_store(data);
    struct model *model = model_new();
    if (!model || config_list(store, (struct slice){0}, on_record, model) != STORE_OK ||
        !model_server(model))
        scale_give_up(data, SLICE("holds no server"));
    scale_fill(model, &(struct scale){.count = many, .port = (uint16_t)where, .kek = kek});
    store_model(store, model);
    model_free(model);
    store_close(store);
    kek_close(kek);
    return 0;
}
