/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/refusal.h"

#include "model/role_group.h"
#include "os/clock.h"
#include "os/descriptor.h"

#include <stdio.h>
#include <sys/socket.h>

enum { SAID_EVERY_MS = 60000, REPLY_MAX = 4096 };

bool refusal_log(struct refusals *refusals, const struct caller *who, const char *why)
{
    int64_t now_ms = (int64_t)clock_monotonic_ms();
    refusals->unsaid++;
    if (refusals->said_ms && now_ms - refusals->said_ms < SAID_EVERY_MS)
        return false;
    role_event(NULL, WIRE_LEVEL_WARNING, 0,
               "event=management-refused actor=\"%s\" reason=\"%s\" refusals=%zu", who->actor, why,
               refusals->unsaid);
    refusals->said_ms = now_ms;
    refusals->unsaid = 0;
    return true;
}

void refusal_of_stranger(struct call *call)
{
    char fix[160];
    const char *group = role_group_name(ROLE_GROUP_VIEW);
    snprintf(fix, sizeof fix, "Add-RoleGroupMember \"%s\" -Member %s", group, call->who->member);
    call->fix = fix;
    call_fail(call, OPERATION_DENIED,
              "%s has no role here. An administrator (root is one) may give it one, for example "
              "\"%s\"; or use a token (POSTERN_TOKEN)",
              call->who->actor, group);
}

void refusal_of_token(struct call *call, enum caller_token wrong)
{
    call->fix = "New-ManagementToken -Name NAME -RoleGroups GROUP";
    call_fail(call, OPERATION_DENIED, "%s", caller_token_sentence(wrong));
}

void refusal_of_place(const struct caller *who, int fd_take, enum place place)
{
    CLEANUP(close_fd) int fd = fd_take;
    struct text reply = text_with_ceiling(REPLY_MAX);
    struct call *call = call_new(who, NULL);
    if (call) {
        call_set_error(call, OPERATION_UNREACHABLE, "%s: %s; try again when one has ended",
                       who->actor,
                       place == PLACE_SHARE_USED_UP ? "this user has too many connections open"
                                                    : "too many connections are open");
        if (call_append_reply(&reply, call))
            (void)!send(fd, reply.at, reply.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        call_free(call);
    }
    text_deinit(&reply);
}
