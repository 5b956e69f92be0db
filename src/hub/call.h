/* SPDX-License-Identifier: Apache-2.0 */
/* call - one management operation being run for one caller, from its request to its reply.
 *
 * A handler reads parameters, emits objects, and ends the call exactly once with call_done or
 * call_fail, at once or from a callback of the vault or of a change. The call stays alive until
 * then even if its caller has gone.
 */
#ifndef HUB_CALL_H
#define HUB_CALL_H

#include "hub/caller.h"
#include "operations/operation.h"
#include "store/store.h"

#include <jansson.h>

struct call {
    struct hub *hub;
    const struct operation *operation;
    const struct caller *who; /* outlives the call */
    json_t *parameters;
    json_t *objects, *warnings, *information;
    const char *noun; /* of the objects, for the formatter; a literal */
    const char
        *fix;      /* set before call_fail: the command that mends it; lives as long as the call */
    json_t *error; /* call_fail's */
    json_t *modified, *properties; /* of a change, for hub/configuration/audit: names; NULL: none */
    struct slice actor;            /* "uid 1000 (alice)" */
    struct text command_text;      /* the cmdlet as text, secrets left out: for the audit trail */
    bool names_only;               /* of the objects no more is needed than what names them */
    struct body_loan file;         /* follows the reply (operation.file_follows); fd -1: none */
    json_t *kept;                  /* the handler's own, too */
    void *scratch;                 /* the handler's own; freed with free() when the call ends */
    struct group *group; /* of a part of a call for many objects (hub/configuration/group) */
    struct group *whole; /* of the whole of one */
    json_t *whole_reply; /* then in the place of objects and so on */
    const struct certificate_index
        *certificates;           /* lent: those in force, for a handler that asks often; or NULL */
    struct connected *connected; /* hub/control's */
};

typedef void call_fn(struct call *call);

/* Made, freed and written out by hub/control. NULL without memory. */
MUST_USE struct call *call_new(const struct caller *who, struct connected *connected);
void call_free(struct call *call);
bool call_append_reply(struct text *output,
                       const struct call *call); /* with its length before it */
json_t *call_reply(const struct call *call);

void call_done(struct call *call);
/* The error of the reply, without ending the call. */
PRINTF_LIKE(3, 4)
void call_set_error(struct call *call, enum operation_error error, const char *format, ...);
PRINTF_LIKE(3, 4)
void call_fail(struct call *call, enum operation_error error, const char *format, ...);
void call_emit(struct call *call, json_t *object_take);
PRINTF_LIKE(2, 3) void call_warn(struct call *call, const char *format, ...);
PRINTF_LIKE(2, 3) void call_inform(struct call *call, const char *format, ...);

/* Runs the request of one caller: looks up the cmdlet, checks right and parameters, calls its
 * handler. Written beside the table of handlers (hub/dispatch.c). `parameters` is borrowed. */
void call_dispatch(struct call *call, struct slice cmdlet);
/* Whether the caller holds a right; `what` wants it. False: the call has failed, and says which
 * role group is missing. */
MUST_USE bool call_may(struct call *call, enum operation_right right, struct slice what);

#endif
