/* SPDX-License-Identifier: Apache-2.0 */
/* object - what the handlers of all nouns do alike: find the objects an identity means,
 * print them as JSON, and take a change from a draft to the reply.
 *
 * An identity that means nothing is an error, never "all of them".
 */
#ifndef HUB_HANDLERS_OBJECT_H
#define HUB_HANDLERS_OBJECT_H

#include "hub/call.h"
#include "hub/configuration/change.h"

/* --- objects out --- */
/* Bytes of anybody as a JSON string: what is no UTF-8 is escaped. */
json_t *json_of_slice(struct slice bytes);
json_t *json_of_field_list(struct slice joined); /* what stands between ";" in a log field */
json_t *json_of_hex(struct slice bytes);         /* upper case; a thumbprint, at most 32 octets */
/* Text that may hold bytes of a peer or a certificate, made fit for one line. */
void append_clean(struct text *text, struct slice bytes);
json_t *json_of_setting(const struct setting *row, const void *object);
/* Every row that may be shown, in the order of the table; in front of them Identity, where no row
 * is called so: what people call the object. */
json_t *json_of_object(enum model_kind kind, const void *object);
json_t *json_of_time(int64_t at_ms); /* RFC 3339; null when it is 0 */

typedef json_t *object_json_fn(struct call *call, const void *object);
/* Runs a Get-: the objects that parameter `name` means, all when it is not given; no more than
 * ResultSize, where that is a parameter. */
void operation_get(struct call *call, enum model_kind kind, const char *name,
                   object_json_fn *json_of);

/* --- finding --- */
/* There is one server: another one that parameter `name` says cannot be found. False: the call has
 * failed. */
MUST_USE bool operation_server_is_this(struct call *call, const char *name);
/* The one object of `model` that parameter `name` means; NULL: the call has failed. */
MUST_USE void *call_find(struct call *call, struct model *model, enum model_kind kind,
                         const char *name);

/* --- changing --- */
typedef void work_edit_fn(struct call *call, struct change *change);
typedef void work_after_fn(struct call *call);

enum { WORK_FIX_MAX = 512 };

/* What a changing handler remembers between its steps; lies in call->scratch. */
struct work {
    work_edit_fn *edit;
    work_after_fn *after;
    struct object_id id; /* of the object that is made or changed */
    bool asked_again;    /* of the vault: once is enough */
    char fix[WORK_FIX_MAX];
    size_t len;
    char bytes[]; /* what the vault answered */
};

/* The work of this call, made when there is none, with a copy of `bytes`. NULL: the call has
 * failed. */
MUST_USE struct work *call_work(struct call *call, struct slice bytes);
struct slice work_bytes(const struct call *call);
/* Like call_fail, with the command that mends it (kept in the work; "" = none). */
PRINTF_LIKE(4, 5)
void call_fail_fix(struct call *call, enum operation_error error, const char *fix,
                   const char *format, ...);
struct object_id operation_new_id(void);

/* Begins a change, now or when the one under way is done, and hands the draft to `edit`, which
 * ends it with operation_commit or operation_refuse. `after` (may be NULL) runs when the change is
 * in force, before the reply leaves. */
void operation_change(struct call *call, work_edit_fn *edit, work_after_fn *after);
/* For a change that waits for the vault to seal a secret, its edit and after kept in the work: goes
 * on with what was sealed in the work's bytes. The context is the call. */
void operation_change_sealed(void *context, bool available, struct slice sealed);
void operation_commit(struct call *call, struct change *change);
/* Abandons the draft of a call that has failed or is about to. */
void operation_refuse(struct change *change);
/* What is said of a change that was made, of one that was only tried, and of one that was refused:
 * then what was said of its effects is not true. */
void operation_inform_receipt(struct call *call, const struct change_receipt *receipt);
void operation_inform_dry(struct call *call);
void operation_fail_change(struct call *call, enum operation_error error, struct slice why);
enum operation_error operation_error_of_change(enum change_outcome outcome);
/* Whether nothing is called what parameter `name` says. False: the call has failed. */
MUST_USE bool operation_is_free(struct call *call, const struct model *draft, enum model_kind kind,
                                const char *name);
/* Whether the model may do without the object. False: the call has failed. */
MUST_USE bool operation_may_remove(struct call *call, const struct model *draft,
                                   enum model_kind kind, const void *object);
/* -WhatIf: says how two states of one object differ. */
void operation_inform_difference(struct call *call, enum model_kind kind, const void *before,
                                 const void *after);
bool operation_is_dry(const struct call *call); /* -WhatIf */
/* An `after` that emits the object of the work as Get- shows it. */
void operation_emit_changed(struct call *call, enum model_kind kind, object_json_fn *json_of);

#endif
