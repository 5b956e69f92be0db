/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/caller.h"

#include "hub/handlers/object.h"
#include "model/role_group.h"
#include "os/clock.h"
#include "os/socket.h"
#include "tls/digest.h"

#include <stdlib.h>
#include <unistd.h>

enum { LABEL_MAX_BYTES = 300 };

int caller_begin(struct caller *caller, struct hub *hub, int fd)
{
    pid_t pid;
    *caller = (struct caller){.hub = hub, .fd = fd};
    int result = socket_peer_user(fd, &caller->uid, &caller->gid, &pid);
    caller->built_in = result == 0 && (caller->uid == 0 || caller->uid == geteuid());
    return result;
}

/* --- by what the kernel says --- */

static void name_user(struct caller *caller, struct slice label)
{
    struct text actor = text_over(caller->actor, sizeof caller->actor);
    struct text member = text_over(caller->member, sizeof caller->member);
    text_append_format(&actor, "uid %u", (unsigned)caller->uid);
    if (label.len)
        text_append_format(&actor, " (%.*s)", SLICE_ARG(label));
    text_append_format(&member, "uid:%u", (unsigned)caller->uid);
    (void)text_c_string(&actor);
    (void)text_c_string(&member);
}

static void judge_user(struct caller *caller)
{
    char storage[LABEL_MAX_BYTES];
    struct text label = text_over(storage, sizeof storage);
    struct role_peer peer = {.uid = caller->uid, .gid = caller->gid};
    gid_t *groups = NULL;
    caller->role_groups = 0;
    if (caller->built_in) {
        text_append_c(&label, caller->uid == 0 ? "root" : "the server's user");
        caller->role_groups = ROLE_GROUP_ORGANIZATION;
    } else if (caller->hub->model) {
        if (socket_peer_groups(caller->fd, &groups, &peer.group_count) == 0)
            peer.groups = groups;
        caller->role_groups = role_groups_of_peer(caller->hub->model, &peer, &label);
        free(groups);
    }
    name_user(caller, text_slice(&label));
}

/* --- by a token --- */

static void use_token(struct caller *caller, const struct management_token *token)
{
    struct text actor = text_over(caller->actor, sizeof caller->actor);
    struct text member = text_over(caller->member, sizeof caller->member);
    caller->with_token = true;
    caller->token = token->id;
    caller->role_groups = token->role_groups;
    text_append_c(&actor, "token ");
    append_clean(&actor, token->name);
    text_append_c(&member, "token:");
    append_clean(&member, token->name);
    (void)text_c_string(&actor);
    (void)text_c_string(&member);
}

enum caller_token caller_judge(struct caller *caller)
{
    const struct management_token *token = NULL;
    if (!caller->with_token) {
        judge_user(caller);
        return CALLER_TOKEN_ACCEPTED;
    }
    caller->role_groups = 0;
    token = model_by_id(caller->hub->model, MODEL_MANAGEMENT_TOKEN, caller->token);
    if (!token)
        return CALLER_TOKEN_REMOVED;
    if (management_token_is_expired(token, clock_wall_ms()))
        return CALLER_TOKEN_EXPIRED;
    use_token(caller, token);
    return CALLER_TOKEN_ACCEPTED;
}

static enum caller_token find_token(const struct hub *hub, struct slice written,
                                    const struct management_token **out_token)
{
    unsigned char id[TOKEN_ID_BYTES], digest[TOKEN_DIGEST_BYTES];
    if (!token_parse(written, id))
        return CALLER_TOKEN_MALFORMED;
    if (!hub->model || !digest_of(written, digest))
        return CALLER_TOKEN_UNKNOWN;
    const struct management_token *token = management_token_of_id(hub->model, id);
    bool same = token && token->digest.len == sizeof digest &&
                digest_equal((const unsigned char *)token->digest.at, digest);
    if (!same)
        return removed_tokens_hold(&hub->removed_tokens, digest) ? CALLER_TOKEN_REMOVED
                                                                 : CALLER_TOKEN_UNKNOWN;
    *out_token = token;
    return management_token_is_expired(token, clock_wall_ms()) ? CALLER_TOKEN_EXPIRED
                                                               : CALLER_TOKEN_ACCEPTED;
}

enum caller_token caller_take_token(struct caller *caller, struct slice written)
{
    const struct management_token *token = NULL;
    enum caller_token outcome = find_token(caller->hub, written, &token);
    caller->role_groups = 0; /* whoever brings a wrong one does not fall back on what he is */
    if (outcome == CALLER_TOKEN_ACCEPTED)
        use_token(caller, token);
    return outcome;
}

const char *caller_token_sentence(enum caller_token token)
{
    switch (token) {
    case CALLER_TOKEN_ACCEPTED:
        break;
    case CALLER_TOKEN_MALFORMED:
        return "this is no token: mistyped, or cut short";
    case CALLER_TOKEN_UNKNOWN:
        return "the token is unknown: it was not made here, or it was removed";
    case CALLER_TOKEN_REMOVED:
        return "the token was removed";
    case CALLER_TOKEN_EXPIRED:
        return "the token has expired";
    }
    return "";
}
