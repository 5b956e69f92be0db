/* SPDX-License-Identifier: Apache-2.0 */
/* stage - a role of the vault between fake peers: wires whose far ends are held by the test.
 *
 * Everything runs in one loop. stage_next runs it until the wire has brought a message.
 */
#ifndef TESTS_VAULT_STAGE_H
#define TESTS_VAULT_STAGE_H

#include "base/arena.h"
#include "os/descriptor.h"
#include "os/socket.h"
#include "support/rows.h"
#include "tls/library.h"
#include "vault/kek.h"
#include "wire/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAGE_FRAMES = 8, STAGE_WAIT_MS = 20000 };

struct wire_end { /* the test's end of one wire */
    struct stage *stage;
    struct channel channel;
    struct channel_owner owner;
    struct arena arena; /* of the frames that came */
    struct frame frames[STAGE_FRAMES];
    size_t first, count;
    size_t events; /* EVENT frames, counted only */
    bool closed;
};

struct stage {
    struct loop *loop;
    struct kek *kek;
    char folder[64];
    struct watch limit;
    bool late;
};

/* A copy of the frame whose slices live in the arena. */
static inline void stage_keep(struct wire_end *end, const struct frame *frame)
{
    assert_true(end->count < STAGE_FRAMES);
    struct frame *kept = &end->frames[(end->first + end->count++) % STAGE_FRAMES];
    *kept = *frame;
    for (const struct wire_field *field = wire_rows[frame->type].fields; field->name; field++) {
        struct slice *slice = (struct slice *)(void *)((char *)&kept->message + field->offset);
        if (field->kind == WIRE_BYTES)
            assert_true(arena_copy(&end->arena, *slice, slice));
    }
}

static inline void stage_on_message(void *context, struct channel *channel,
                                    const struct frame *frame, int fd)
{
    (void)channel;
    struct wire_end *end = context;
    close_fd(&fd);
    if (frame->type == WIRE_EVENT) {
        end->events++;
        return;
    }
    stage_keep(end, frame);
    loop_stop(end->stage->loop);
}

static inline void stage_on_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    struct wire_end *end = context;
    end->closed = true;
    loop_stop(end->stage->loop);
}

static inline void stage_on_limit(void *context, unsigned events)
{
    (void)events;
    struct stage *stage = context;
    stage->late = true;
    loop_stop(stage->loop);
}

static inline void stage_open(struct stage *stage)
{
    *stage = (struct stage){.folder = "/tmp/vault-test-XXXXXX"};
    unsetenv("CREDENTIALS_DIRECTORY");
    char path[128];
    assert_non_null(mkdtemp(stage->folder));
    snprintf(path, sizeof path, "%s/vault", stage->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(tls_library_start(), 0);
    assert_int_equal(kek_open(stage->folder, &stage->kek), 0);
    assert_int_equal(loop_new(&stage->loop), 0);
    timer_init(&stage->limit, stage->loop, stage_on_limit, stage);
}

static inline void stage_close(struct stage *stage)
{
    char command[128];
    kek_close(stage->kek);
    loop_free(stage->loop);
    snprintf(command, sizeof command, "rm -r %s", stage->folder);
    assert_int_equal(system(command), 0);
}

/* Opens the test's end of a wire whose other end goes to the role under test. */
static inline void wire_end_open(struct wire_end *end, struct stage *stage, enum wire_role role,
                                 int *out_other)
{
    int ends[2];
    assert_int_equal(socket_pair(false, ends), 0);
    *end = (struct wire_end){.stage = stage, .arena = arena_with_ceiling(8 << 20)};
    end->owner = (struct channel_owner){
        .message = stage_on_message, .closed = stage_on_closed, .context = end};
    assert_int_equal(channel_open(&end->channel, stage->loop, ends[0], role, 0, &end->owner), 0);
    *out_other = ends[1];
}

static inline void wire_end_close(struct wire_end *end)
{
    channel_close(&end->channel);
    arena_deinit(&end->arena);
}

/* Runs the loop for so long whatever comes. */
static inline void stage_run(struct stage *stage, uint64_t ms)
{
    timer_set(&stage->limit, ms);
    stage->late = false;
    while (!stage->late)
        assert_int_equal(loop_run(stage->loop), 0);
}

/* The next message of that wire; good until the wire is closed. NULL: it is closed. */
static inline const struct frame *stage_next(struct wire_end *end)
{
    struct stage *stage = end->stage;
    timer_set(&stage->limit, STAGE_WAIT_MS);
    stage->late = false;
    while (end->count == 0 && !end->closed) {
        assert_int_equal(loop_run(stage->loop), 0);
        assert_false(stage->late);
    }
    timer_stop(&stage->limit);
    if (end->count == 0)
        return NULL;
    const struct frame *frame = &end->frames[end->first];
    end->first = (end->first + 1) % STAGE_FRAMES;
    end->count--;
    return frame;
}

static inline const union wire_any *stage_expect(struct wire_end *end, enum wire_type type)
{
    const struct frame *frame = stage_next(end);
    if (!frame) {
        fail_msg("the wire closed while %s was expected", wire_rows[type].name);
        abort(); /* not reached: fail_msg ends the test, which compilers do not know */
    }
    assert_string_equal(wire_rows[frame->type].name, wire_rows[type].name);
    return &frame->message;
}

#endif
