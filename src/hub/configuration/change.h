/* SPDX-License-Identifier: Apache-2.0 */
/* change - one change of the configuration, from a draft to "in force on every edge".
 *
 *   change_begin     a draft: a copy of the model in force; edit its objects freely
 *   change_put       this object of the draft was added or edited
 *   change_remove    this object of the draft is to go
 *   change_secret    a sealed secret that belongs to an object
 *   change_commit    validate, store in one transaction, exchange the model, publish the snapshot,
 * wait until every edge has it in force (at most 2 s), look from outside at the listeners it
 * concerns (at most 3 s); then `done`
 *
 * One change at a time: change_begin gives NULL while another is being committed, and
 * `change_when_free` calls back when it may be tried again. A refused change leaves everything as
 * it was.
 */
#ifndef HUB_CONFIGURATION_CHANGE_H
#define HUB_CONFIGURATION_CHANGE_H

#include "hub/certificates/probe_plan.h"
#include "hub/state.h"

struct change;

enum change_outcome {
    CHANGE_DONE,
    CHANGE_INVALID,  /* the error text says which rule */
    CHANGE_CONFLICT, /* a name is taken */
    CHANGE_STORE_FAILED,
};

struct change_receipt {
    enum change_outcome outcome;
    struct slice error;            /* why not; with the command that mends it where there is one */
    uint64_t revision;             /* in force now */
    int64_t in_force_since_ms;     /* wall clock */
    uint64_t sessions_older;       /* sessions that still live on an older revision */
    const struct probe_plan *seen; /* from outside; NULL: there was nothing to look at */
};

typedef void change_done_fn(void *context, const struct change_receipt *receipt);

MUST_USE struct change *change_begin(struct hub *hub, struct slice actor, struct slice command);
struct model *change_draft(struct change *change);
void change_abandon(struct change *change);
/* Several calls edit it one after the other; only who began it ends it. */
void change_share(struct change *change);
bool change_is_shared(const struct change *change);
bool change_put(struct change *change, enum model_kind kind, void *object);
bool change_remove(struct change *change, enum model_kind kind, void *object);
/* kind "certificate" (a private key), "account" (a verifier) or "credential" (a password to log in
 * elsewhere with); an empty sealed value deletes it. */
bool change_secret(struct change *change, const char *kind, struct object_id id,
                   struct slice sealed);
/* Every object that was put or removed so far; `after` is NULL for one that goes, and is in the
 * draft else. */
typedef void change_each_fn(void *context, enum model_kind kind, struct object_id id,
                            const void *after);
void change_each(const struct change *change, change_each_fn *each, void *context);
/* Consumes the change. `done` may be called before it returns. */
void change_commit(struct change *change, change_done_fn *done, void *context);
/* Only validate: the error of the first rule that is broken, or true. The change stays open (for
 * -WhatIf). What kept the rules is not looked at again before there are more edits. */
bool change_validate(struct change *change, struct text *error);

typedef void change_free_fn(void *context);
/* Calls back (from the loop) when no change is being committed. */
void change_when_free(struct hub *hub, change_free_fn *run, void *context);

/* Used by the roles' joining code. */
MUST_USE int changes_begin(struct hub *hub);
void changes_end(struct hub *hub); /* what is under way is forgotten without an answer */
void change_edge_reported(struct hub *hub);

#endif
