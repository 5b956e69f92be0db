/* SPDX-License-Identifier: Apache-2.0 */
/* Undo-Configuration: what revisions first ... last replaced is put back, as one new change.
 *
 * Of one revision that is refused when a later one touched the same objects: their order would not
 * be what anybody meant. What was there before comes from the store, sealed secrets included;
 * whether the configuration may be so is judged as for any other change.
 */
#include "hub/certificates/presentation.h"
#include "hub/configuration/difference.h"
#include "hub/configuration/record.h"
#include "hub/configuration/secrets.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/permission.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 40, LATER_SHOWN_MAX = 12, REMOVALS_MAX = 20000, ERROR_MAX = 1200 };

struct removal {
    enum model_kind kind;
    struct object_id id;
};

struct undo {
    struct call *call;
    struct change *change;
    uint64_t first, last;
    struct removal *removals; /* after everything else: others may have to be back by then */
    size_t removal_count;
    size_t touched;
    size_t near[MODEL_KINDS]; /* where the next object of a kind probably is */
    char storage[ERROR_MAX];
    struct text error;
};

/* --- saying it --- */

static void say(struct undo *undo, enum model_kind kind, const void *object, const char *done,
                const char *would)
{
    char storage[600];
    struct text name = text_over(storage, sizeof storage);
    if (undo->touched++ >= LINES_MAX)
        return;
    model_append_name(&name, kind, object);
    call_inform(undo->call, "%s %.*s %s", model_kind_facts(kind)->noun,
                SLICE_ARG(text_slice(&name)), operation_is_dry(undo->call) ? would : done);
}

static void end_saying(const struct undo *undo)
{
    if (undo->touched > LINES_MAX)
        call_inform(undo->call, "and %zu objects more", undo->touched - LINES_MAX);
}

/* --- putting back --- */

static void put_back(struct undo *undo, enum model_kind kind, void *current, void *earlier)
{
    struct object *front = earlier;
    if (difference_is_none(kind, current, earlier))
        return;
    say(undo, kind, current, "is changed back", "would be changed back");
    if (undo->touched <= LINES_MAX)
        operation_inform_difference(undo->call, kind, current, earlier);
    front->version = ((struct object *)current)->version;
    memcpy(current, earlier, model_kind_facts(kind)->size);
    if (!change_put(undo->change, kind, current))
        text_append_c(&undo->error, "the change has too many objects");
}

static void bring_back(struct undo *undo, enum model_kind kind, void *earlier)
{
    struct object *front = earlier;
    say(undo, kind, earlier, "is brought back", "would be brought back");
    front->version = CONFIG_VERSION_NEW;
    if (!model_add(change_draft(undo->change), kind, earlier) ||
        !change_put(undo->change, kind, earlier))
        text_append_c(&undo->error, "the change has too many objects");
}

static void remember_removal(struct undo *undo, enum model_kind kind, struct object_id id)
{
    if (!undo->removals)
        undo->removals = calloc(REMOVALS_MAX, sizeof *undo->removals);
    if (undo->removals && undo->removal_count < REMOVALS_MAX)
        undo->removals[undo->removal_count++] = (struct removal){kind, id};
    else
        text_append_c(&undo->error, "the change has too many objects");
}

/* The password as it was; the object is named in the new revision, too. One that had none before
 * has that put back with its settings, or goes. */
static void restore_secret(struct undo *undo, const struct config_revision_entry *entry)
{
    enum model_kind kind;
    if (!secret_owner(entry->entry.kind, &kind))
        return; /* of an object that has no secret beside it */
    void *owner = model_by_id(change_draft(undo->change), kind, entry->entry.id);
    bool good =
        change_secret(undo->change, secret_kind_of(kind), entry->entry.id, entry->before.body);
    if (good && owner && entry->before.exists) {
        say(undo, kind, owner, "has its earlier password again",
            "would have its earlier password again");
        good = change_put(undo->change, kind, owner);
    }
    if (!good)
        text_append_c(&undo->error, "the change has too many objects");
}

static bool restore(void *context, const struct config_revision_entry *entry)
{
    struct undo *undo = context;
    struct model *draft = change_draft(undo->change);
    enum model_kind kind;
    if (!entry->before.kept)
        text_append_format(
            &undo->error,
            "an earlier release made revision %llu, and did not keep what it replaced",
            (unsigned long long)entry->entry.sequence);
    else if (entry->of_secret)
        restore_secret(undo, entry);
    else if (!model_kind_of_noun(entry->entry.kind, &kind))
        text_append_format(&undo->error, "this release knows no %.*s",
                           SLICE_ARG(slice_first(entry->entry.kind, 64)));
    else if (!entry->before.exists)
        remember_removal(undo, kind, entry->entry.id);
    else {
        void *current = model_by_id_near(draft, kind, entry->entry.id, &undo->near[kind]);
        void *earlier =
            record_parse(draft, kind, entry->entry.id, 0, entry->before.body, &undo->error);
        if (earlier && current)
            put_back(undo, kind, current, earlier);
        else if (earlier)
            bring_back(undo, kind, earlier);
        else if (!undo->error.len)
            text_append_c(&undo->error, "there is no memory for what was there before");
    }
    return undo->error.len == 0;
}

/* --- taking away --- */

/* Those that name others go before them. False: the call has failed. */
static bool remove_kind(struct undo *undo, enum model_kind kind)
{
    struct model *draft = change_draft(undo->change);
    for (size_t i = 0; i < undo->removal_count; i++) {
        const struct removal *removal = &undo->removals[i];
        void *object = removal->kind == kind ? model_by_id(draft, kind, removal->id) : NULL;
        if (!object)
            continue;
        bool forced = kind == MODEL_CERTIFICATE && call_switch(undo->call, "Force");
        if (!forced && !operation_may_remove(undo->call, draft, kind, object))
            return false;
        say(undo, kind, object, "is removed", "would be removed");
        permission_forget(undo->call, undo->change, removal->id);
        change_remove(undo->change, kind, object);
    }
    return true;
}

static bool remove_all(struct undo *undo)
{
    static const enum model_kind order[] = {MODEL_PERMISSION,
                                            MODEL_DISTRIBUTION_GROUP,
                                            MODEL_MAILBOX,
                                            MODEL_RECEIVE_CONNECTOR,
                                            MODEL_SEND_CONNECTOR,
                                            MODEL_DKIM_SIGNING_CONFIG,
                                            MODEL_CERTIFICATE,
                                            MODEL_ACCEPTED_DOMAIN,
                                            MODEL_ROLE_MEMBER,
                                            MODEL_MANAGEMENT_TOKEN,
                                            MODEL_TRANSPORT_CONFIG,
                                            MODEL_TRANSPORT_SERVICE,
                                            MODEL_SERVER};
    _Static_assert(COUNT_OF(order) == MODEL_KINDS, "every kind has its turn");
    bool good = true;
    for (size_t i = 0; good && i < COUNT_OF(order); i++)
        good = remove_kind(undo, order[i]);
    return good;
}

/* --- what stands in the way --- */

struct later {
    struct text text;
    uint64_t sequence;
    size_t count;
};

static bool on_later(void *context, const struct config_entry *entry)
{
    struct later *later = context;
    if (later->count++ >= LATER_SHOWN_MAX) {
        text_append_c(&later->text, ", and others");
        return false;
    }
    text_append_format(&later->text, "%s%.*s ", later->count > 1 ? ", " : "",
                       SLICE_ARG(slice_first(entry->kind, 40)));
    append_clean(&later->text, slice_first(entry->name, 60));
    text_append_format(&later->text, " by revision %llu", (unsigned long long)entry->sequence);
    return true;
}

/* False: the call has failed. */
static bool nothing_later(struct call *call, uint64_t sequence)
{
    char storage[1200], fix[96];
    struct later later = {.text = text_over(storage, sizeof storage)};
    struct text command = text_over(fix, sizeof fix);
    int result = config_later(call->hub->store, sequence, on_later, &later);
    if (result != STORE_OK) {
        call_fail(call, OPERATION_FAILED, "the history cannot be read");
        return false;
    }
    if (later.count == 0)
        return true;
    if (sequence > 1)
        text_append_format(&command, "Undo-Configuration -To %llu",
                           (unsigned long long)sequence - 1);
    call_fail_fix(call, OPERATION_CONFLICT, text_c_string(&command),
                  "what revision %llu changed was changed again later: %.*s",
                  (unsigned long long)sequence, SLICE_ARG(text_slice(&later.text)));
    return false;
}

/* False: the call has failed. */
static bool is_kept(struct call *call, uint64_t first)
{
    uint64_t oldest = 0;
    int result = config_oldest(call->hub->store, &oldest);
    if (result == STORE_OK && first >= oldest)
        return true;
    if (result != STORE_OK)
        call_fail(call, OPERATION_FAILED, "the history cannot be read");
    else
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ConfigurationRevision",
                      "what revision %llu replaced is not kept any more; the oldest that can be "
                      "taken back is %llu",
                      (unsigned long long)first, (unsigned long long)oldest);
    return false;
}

/* --- the cmdlet --- */

/* Which revisions are meant. False: the call has failed. */
static bool read_range(struct call *call, struct undo *undo)
{
    int64_t revision, to;
    uint64_t newest = call->hub->model->revision;
    if (!call_integer(call, "Revision", 1, INT64_MAX, 0, &revision) ||
        !call_integer(call, "To", 1, INT64_MAX, 0, &to))
        return false;
    if (!revision == !to) {
        call_fail_fix(call, OPERATION_USAGE, "Get-ConfigurationRevision",
                      "say either the revision that is to be taken back, or -To and the one that "
                      "is to be gone back to");
        return false;
    }
    undo->first = revision ? (uint64_t)revision : (uint64_t)to + 1;
    undo->last = revision ? (uint64_t)revision : newest;
    if (undo->last <= newest && undo->first <= undo->last)
        return true;
    if (to && (uint64_t)to == newest)
        call_fail(call, OPERATION_FAILED, "nothing was changed since revision %llu",
                  (unsigned long long)newest);
    else
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ConfigurationRevision",
                      "there is no revision %lld; the newest is %llu",
                      (long long)(revision ? revision : to), (unsigned long long)newest);
    return false;
}

static bool prepare(struct undo *undo)
{
    struct call *call = undo->call;
    if (!read_range(call, undo) || !is_kept(call, undo->first) ||
        (call_has(call, "Revision") && !nothing_later(call, undo->first)))
        return false;
    int result = config_before(call->hub->store, undo->first, undo->last, restore, undo);
    if (result == STORE_OK && undo->error.len == 0)
        return remove_all(undo);
    call_fail(call, OPERATION_FAILED, "it cannot be taken back: %.*s",
              SLICE_ARG(undo->error.len ? text_slice(&undo->error)
                                        : SLICE("the history cannot be read")));
    return false;
}

static void undo_edit(struct call *call, struct change *change)
{
    struct undo undo = {.call = call, .change = change};
    undo.error = text_over(undo.storage, sizeof undo.storage);
    bool good = prepare(&undo);
    free(undo.removals);
    if (good && undo.touched == 0) {
        call_fail(call, OPERATION_FAILED, "everything is as it was before already");
        good = false;
    }
    if (!good) {
        operation_refuse(change);
        return;
    }
    end_saying(&undo);
    record_sort(change_draft(change));
    presentation_report(call, call->hub->model, change_draft(change));
    operation_commit(call, change);
}

void configuration_undo(struct call *call)
{
    operation_change(call, undo_edit, NULL);
}
