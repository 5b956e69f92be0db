/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New- and Remove-ManagementToken. The secret is in one reply, once; what is kept is its
 * digest. */
#include "base/hex.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"
#include "os/random.h"
#include "tls/digest.h"

#include <string.h>

static json_t *token_json(struct call *call, const void *object)
{
    const struct management_token *token = object;
    json_t *json = json_of_object(MODEL_MANAGEMENT_TOKEN, object);
    bool expired = management_token_is_expired(token, clock_wall_ms());
    char storage[2 * TOKEN_ID_BYTES];
    struct text id = text_over(storage, sizeof storage);
    (void)call;
    hex_append_lower(&id, token->token_id); /* as it stands in the token */
    json_object_set_new(json, "TokenId", json_of_slice(text_slice(&id)));
    json_object_set_new(json, "Status",
                        json_string(expired              ? "Expired"
                                    : token->role_groups ? "Valid"
                                                         : "WithoutRole"));
    return json;
}

void management_token_get(struct call *call)
{
    operation_get(call, MODEL_MANAGEMENT_TOKEN, "Identity", token_json);
}

/* --- New --- */

/* Random bytes become the token, which waits in the work for the reply, and its digest. */
static bool make_secret(struct call *call, struct model *draft, struct management_token *token)
{
    unsigned char id[TOKEN_ID_BYTES], secret[TOKEN_SECRET_BYTES], digest[TOKEN_DIGEST_BYTES];
    char storage[TOKEN_TEXT_BYTES];
    struct text text = text_over(storage, sizeof storage);
    random_bytes(id, sizeof id);
    random_bytes(secret, sizeof secret);
    bool good = token_append(&text, id, secret) && digest_of(text_slice(&text), digest) &&
                arena_copy(draft->arena, slice_bytes(id, sizeof id), &token->token_id) &&
                arena_copy(draft->arena, slice_bytes(digest, sizeof digest), &token->digest);
    const struct work *work = good ? call_work(call, text_slice(&text)) : NULL;
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(storage, sizeof storage);
    if (!good)
        call_fail(call, OPERATION_FAILED, "there is no memory for the token");
    return work != NULL;
}

static bool expires_later(struct call *call, const struct management_token *token)
{
    if (!token->expires_ms)
        call_warn(call, "the token never expires; -ExpirationDate gives it an end");
    if (!management_token_is_expired(token, clock_wall_ms()))
        return true;
    call_fail(call, OPERATION_USAGE, "-ExpirationDate has passed already");
    return false;
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    if (!operation_is_free(call, draft, MODEL_MANAGEMENT_TOKEN, "Name")) {
        operation_refuse(change);
        return;
    }
    struct management_token *token = model_object_new(draft, MODEL_MANAGEMENT_TOKEN);
    if (!token || !model_add(draft, MODEL_MANAGEMENT_TOKEN, token)) {
        operation_refuse(change);
        call_fail(call, OPERATION_FAILED, "there is no memory for the token");
        return;
    }
    token->id = operation_new_id();
    if (!call_apply_settings(call, token, draft->arena) || !expires_later(call, token) ||
        !make_secret(call, draft, token)) {
        operation_refuse(change);
        return;
    }
    struct work *work = call->scratch;
    work->id = token->id;
    change_put(change, MODEL_MANAGEMENT_TOKEN, token);
    operation_commit(call, change);
}

/* The secret alone is what goes to standard output: it may be sent into a file. */
static void emit_secret(struct call *call)
{
    struct work *work = call->scratch;
    const void *token = model_by_id(call->hub->model, MODEL_MANAGEMENT_TOKEN, work->id);
    if (!token)
        return;
    json_t *json = token_json(call, token);
    json_object_set_new(json, "Token", json_of_slice(work_bytes(call)));
    explicit_bzero(work->bytes, work->len);
    call->noun = "ManagementTokenText";
    call_emit(call, json);
    call_inform(call, "keep it: the server has only its digest and cannot show it again");
}

void management_token_new(struct call *call)
{
    operation_change(call, new_edit, emit_secret);
}

/* --- Remove --- */

static void remove_edit(struct call *call, struct change *change)
{
    struct management_token *token =
        call_find(call, change_draft(change), MODEL_MANAGEMENT_TOKEN, "Identity");
    struct work *work = token ? call_work(call, token->digest) : NULL;
    if (!work) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "token %.*s %s", SLICE_ARG(token->name),
                operation_is_dry(call) ? "would be refused from now on" : "is refused from now on");
    change_remove(change, MODEL_MANAGEMENT_TOKEN, token);
    operation_commit(call, change);
}

static void note_removed(struct call *call)
{
    removed_tokens_add(&call->hub->removed_tokens, work_bytes(call));
}

void management_token_remove(struct call *call)
{
    operation_change(call, remove_edit, note_removed);
}
