/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/change.h"

#include "hub/certificates/events.h"
#include "hub/certificates/presentation.h"
#include "hub/certificates/probe.h"
#include "hub/certificates/responders.h"
#include "hub/configuration/publish.h"
#include "hub/configuration/record.h"
#include "hub/configuration/secrets.h"
#include "hub/transport/address_book.h"
#include "hub/transport/reroute.h"
#include "hub/transport/routes.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    EDITS_MAX = 1 << 17,
    IN_FORCE_WITHIN_MS = 2000,
    ERROR_MAX = 4096,
    BATCH_BYTES_MAX = 256 << 20
};

struct edit {
    enum config_operation operation;
    enum model_kind kind; /* of PUT and DELETE */
    void *object;         /* in the draft; of DELETE its id is all that is used */
    struct slice secret_kind, sealed;
    struct object_id id;
    uint64_t version;
};

struct change {
    struct hub *hub;
    struct model *draft;
    struct edit *edits;
    size_t count, capacity;
    size_t validated; /* so many edits there were when all of them kept the rules */
    bool shared;
    struct slice actor, command;
    struct text json; /* bodies of the batch, one behind the other */
    struct config_change *batch;
    struct model *old;       /* what was in force, when it is no more */
    struct probe_plan *look; /* what to look at when it is in force */
    change_done_fn *done;
    void *context;
};

struct waiter {
    struct waiter *next;
    change_free_fn *run;
    void *context;
};

struct changes {
    struct change *committing;
    struct watch limit; /* timer: how long edges may take */
    bool looking;       /* they have it; now it is looked at */
    struct waiter *waiting;
    struct deferred wake;
    struct hub *hub;
};

/* --- drafting --- */

struct change *change_begin(struct hub *hub, struct slice actor, struct slice command)
{
    if (hub->changes->committing)
        return NULL;
    struct change *change = calloc(1, sizeof *change);
    if (!change)
        return NULL;
    change->hub = hub;
    change->draft = hub->model ? model_copy(hub->model) : model_new();
    if (!change->draft || !arena_copy(change->draft->arena, actor, &change->actor) ||
        !arena_copy(change->draft->arena, command, &change->command)) {
        change_abandon(change);
        return NULL;
    }
    return change;
}

struct model *change_draft(struct change *change)
{
    return change->draft;
}

void change_share(struct change *change)
{
    change->shared = true;
}

bool change_is_shared(const struct change *change)
{
    return change->shared;
}

void change_abandon(struct change *change)
{
    if (!change)
        return;
    model_free(change->draft);
    model_free(change->old);
    text_deinit(&change->json);
    probe_plan_free(change->look);
    free(change->batch);
    free(change->edits);
    free(change);
}

static struct edit *add_edit(struct change *change)
{
    if (change->count == change->capacity) {
        size_t capacity = change->capacity ? change->capacity * 2 : 8;
        struct edit *grown =
            capacity > EDITS_MAX ? NULL : realloc(change->edits, capacity * sizeof *grown);
        if (!grown)
            return NULL;
        change->edits = grown;
        change->capacity = capacity;
    }
    struct edit *edit = &change->edits[change->count++];
    *edit = (struct edit){0};
    return edit;
}

static struct edit *edit_of(struct change *change, const void *object)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->edits[i].object == object)
            return &change->edits[i];
    return NULL;
}

bool change_put(struct change *change, enum model_kind kind, void *object)
{
    if (edit_of(change, object))
        return true;
    struct edit *edit = add_edit(change);
    if (!edit)
        return false;
    struct object *front = object;
    *edit = (struct edit){.operation = CONFIG_PUT,
                          .kind = kind,
                          .object = object,
                          .id = front->id,
                          .version = front->version};
    front->changed_ms = clock_wall_ms();
    if (!front->created_ms)
        front->created_ms = front->changed_ms;
    if (front->changed_ms < front->created_ms) /* the first objects are made a millisecond apart */
        front->changed_ms = front->created_ms;
    front->version++;
    return true;
}

bool change_remove(struct change *change, enum model_kind kind, void *object)
{
    struct edit *edit = add_edit(change);
    const struct object *front = object;
    if (!edit || !model_remove(change->draft, kind, object))
        return false;
    *edit = (struct edit){
        .operation = CONFIG_DELETE, .kind = kind, .id = front->id, .version = front->version};
    return true;
}

bool change_secret(struct change *change, const char *kind, struct object_id id,
                   struct slice sealed)
{
    struct edit *edit = add_edit(change);
    if (!edit)
        return false;
    *edit = (struct edit){.operation = sealed.len ? CONFIG_PUT_SECRET : CONFIG_DELETE_SECRET,
                          .secret_kind = slice_of(kind),
                          .id = id};
    return arena_copy(change->draft->arena, sealed, &edit->sealed);
}

void change_each(const struct change *change, change_each_fn *each, void *context)
{
    for (size_t i = 0; i < change->count; i++) {
        const struct edit *edit = &change->edits[i];
        if (edit->operation == CONFIG_PUT || edit->operation == CONFIG_DELETE)
            each(context, edit->kind, edit->id,
                 edit->operation == CONFIG_PUT ? edit->object : NULL);
    }
}

bool change_validate(struct change *change, struct text *error)
{
    if (change->count > 0 && change->validated == change->count)
        return true;
    struct model_validation validation = {.model = change->draft};
    bool good = true;
    for (size_t i = 0; good && i < change->count; i++) {
        const struct edit *edit = &change->edits[i];
        if (edit->operation != CONFIG_PUT)
            continue;
        const void *before =
            change->hub->model ? model_by_id(change->hub->model, edit->kind, edit->id) : NULL;
        good = model_validate_after(&validation, edit->kind, before, edit->object, error);
    }
    model_validation_end(&validation);
    if (good)
        change->validated = change->count;
    return good;
}

/* --- committing --- */

/* Behind the answer: nobody waits for what is found. */
static void look_at_certificates(struct change *change)
{
    certificate_events_look_soon(change->hub, change->old);
    change->old = NULL;
    responders_soon(change->hub);
}

static void end(struct change *change, const struct change_receipt *receipt)
{
    struct changes *changes = change->hub->changes;
    if (changes->committing == change) {
        changes->committing = NULL;
        changes->looking = false;
        timer_stop(&changes->limit);
    }
    change->done(change->context, receipt);
    if (!change->draft)
        look_at_certificates(change);
    change_abandon(change);
    if (changes->waiting)
        loop_defer(changes->hub->role.loop, &changes->wake);
}

static void end_without(struct change *change, enum change_outcome outcome, struct slice error)
{
    struct change_receipt receipt = {.outcome = outcome, .error = error};
    end(change, &receipt);
}

static void end_seen(void *context, const struct probe_plan *seen)
{
    struct hub *hub = context;
    struct change_receipt receipt = {.outcome = CHANGE_DONE,
                                     .revision = hub->model->revision,
                                     .in_force_since_ms = hub->in_force_since_ms,
                                     .seen = seen};
    (void)publish_complete(hub, &receipt.sessions_older);
    end(hub->changes->committing, &receipt);
}

static void end_in_force(struct hub *hub)
{
    struct changes *changes = hub->changes;
    struct probe_plan *look = changes->committing->look;
    timer_stop(&changes->limit);
    if (!look || !probe_plan_expand(look, hub->model, clock_wall_ms())) {
        end_seen(hub, NULL);
        return;
    }
    changes->looking = true;
    changes->committing->look = NULL;
    probe_run(hub, look, end_seen, hub);
}

void change_edge_reported(struct hub *hub)
{
    uint64_t sessions_older;
    if (hub->changes->committing && !hub->changes->committing->draft && !hub->changes->looking &&
        publish_complete(hub, &sessions_older))
        end_in_force(hub);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    if (hub->changes->committing && !hub->changes->looking)
        end_in_force(hub);
}

/* Before the server is ready nobody listens. */
static void plan_look(struct change *change, const struct model *before)
{
    struct hub *hub = change->hub;
    change->look = hub->ready ? probe_plan_new() : NULL;
    for (size_t i = 0; change->look && i < change->count; i++) {
        const struct edit *edit = &change->edits[i];
        if (edit->operation == CONFIG_PUT || edit->operation == CONFIG_DELETE)
            probe_plan_add_change(change->look, before, hub->model, edit->kind, edit->id,
                                  clock_wall_ms());
    }
    if (change->look && !change->look->listener_count) {
        probe_plan_free(change->look);
        change->look = NULL;
    }
}

static void on_applied(void *context, enum store_outcome outcome, uint64_t sequence)
{
    struct change *change = context;
    struct hub *hub = change->hub;
    if (outcome == STORE_CONFLICT || outcome == STORE_NOT_FOUND) {
        end_without(
            change, CHANGE_CONFLICT,
            SLICE("The name is taken, or the object was changed by somebody else meanwhile"));
        return;
    }
    if (outcome != STORE_OK) {
        end_without(change, CHANGE_STORE_FAILED, slice_of(store_outcome_name(outcome)));
        return;
    }
    address_book_forget(hub);
    presentation_forget(hub);
    routes_forget(hub);
    struct model *old = change->old = hub->model;
    hub->model = change->draft;
    hub->model->revision = sequence;
    change->draft = NULL; /* from here on it waits for the edges */
    timer_set(&hub->changes->limit, IN_FORCE_WITHIN_MS);
    plan_look(change, old);
    int published = publish_model(hub);
    reroute_model_changed(hub, old);
    if (published < 0)
        end_without(change, CHANGE_STORE_FAILED,
                    SLICE("the snapshot cannot be made: out of memory"));
}

static const char *kind_name(const struct edit *edit)
{
    return model_kind_facts(edit->kind)->noun;
}

/* What goes is still in the model in force; a secret is called as whom it belongs to. */
static bool append_name(const struct change *change, const struct edit *edit, struct text *text)
{
    const struct model *model = change->hub->model;
    enum model_kind kind = edit->kind;
    if (edit->secret_kind.len && !secret_owner(edit->secret_kind, &kind))
        return true;
    const void *object = edit->object;
    if (!object && edit->secret_kind.len)
        object = model_by_id(change->draft, kind, edit->id);
    if (!object && model)
        object = model_by_id(model, kind, edit->id);
    return !object || model_append_name(text, kind, object);
}

/* The name and body of every object, gathered first (the text may move while it grows), cut out
 * after. */
static bool write_batch(struct change *change)
{
    change->json = text_with_ceiling(BATCH_BYTES_MAX);
    change->batch = calloc(change->count + 1, sizeof *change->batch);
    if (!change->batch)
        return false;
    for (size_t i = 0; i < change->count; i++) {
        const struct edit *edit = &change->edits[i];
        size_t start = change->json.len;
        if (!append_name(change, edit, &change->json))
            return false;
        size_t middle = change->json.len;
        if (edit->operation == CONFIG_PUT && !record_write(edit->kind, edit->object, &change->json))
            return false;
        change->batch[i] = (struct config_change){
            .operation = edit->operation,
            .kind = edit->secret_kind.len ? edit->secret_kind : slice_of(kind_name(edit)),
            .id = edit->id,
            .name = {NULL, middle - start},
            .body = {NULL, change->json.len - middle},
            .expected_version = edit->version};
    }
    const char *at = change->json.at;
    for (size_t i = 0; i < change->count; i++) {
        struct config_change *row = &change->batch[i];
        row->name.at = at;
        row->body.at = at + row->name.len;
        at = row->body.at + row->body.len;
        if (change->edits[i].sealed.len)
            row->body = change->edits[i].sealed;
    }
    return true;
}

void change_commit(struct change *change, change_done_fn *done, void *context)
{
    struct hub *hub = change->hub;
    change->done = done;
    change->context = context;
    if (hub->changes->committing) {
        end_without(change, CHANGE_CONFLICT, SLICE("Another change is being made; try again"));
        return;
    }
    hub->changes->committing = change;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof storage);
    if (!change_validate(change, &error)) {
        end_without(change, CHANGE_INVALID, text_slice(&error));
        return;
    }
    struct config_batch batch = {.count = change->count,
                                 .actor = change->actor,
                                 .command = change->command,
                                 .at_ms = clock_wall_ms()};
    bool written = write_batch(change);
    batch.changes = change->batch;
    int result = written ? config_apply(hub->store, &batch, on_applied, change) : -ENOMEM;
    if (result != STORE_OK)
        end_without(change, CHANGE_STORE_FAILED, SLICE("the store does not take the change"));
}

/* --- waiting for one's turn --- */

static void on_wake(void *context)
{
    struct changes *changes = context;
    struct waiter *waiter = changes->waiting;
    if (!waiter || changes->committing)
        return;
    changes->waiting = waiter->next;
    waiter->run(waiter->context);
    free(waiter);
    if (changes->waiting)
        loop_defer(changes->hub->role.loop, &changes->wake);
}

void change_when_free(struct hub *hub, change_free_fn *run, void *context)
{
    struct waiter *waiter = calloc(1, sizeof *waiter);
    if (!waiter) /* a hub without memory for this is better started again */
        abort();
    waiter->run = run;
    waiter->context = context;
    struct waiter **link = &hub->changes->waiting;
    while (*link)
        link = &(*link)->next;
    *link = waiter;
    if (!hub->changes->committing)
        loop_defer(hub->role.loop, &hub->changes->wake);
}

int changes_begin(struct hub *hub)
{
    hub->changes = calloc(1, sizeof *hub->changes);
    if (!hub->changes)
        return -ENOMEM;
    hub->changes->hub = hub;
    hub->changes->wake = (struct deferred){.run = on_wake, .context = hub->changes};
    timer_init(&hub->changes->limit, hub->role.loop, on_limit, hub);
    return 0;
}

void changes_end(struct hub *hub)
{
    struct changes *changes = hub->changes;
    loop_defer_cancel(hub->role.loop, &changes->wake);
    timer_stop(&changes->limit);
    change_abandon(changes->committing);
    while (changes->waiting) {
        struct waiter *waiter = changes->waiting;
        changes->waiting = waiter->next;
        free(waiter);
    }
    free(changes);
    hub->changes = NULL;
}
