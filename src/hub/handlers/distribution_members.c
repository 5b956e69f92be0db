/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/distribution_members.h"

#include "hub/handlers/object.h"
#include "model/recipient_index.h"

#include <stdlib.h>

enum { SHOWN_MAX = 120, WARNINGS_MAX = 10 };

static bool has_at(struct slice written)
{
    size_t unused;
    return slice_find(written, '@', &unused);
}

static struct slice address_of_name(struct model *draft, struct slice name)
{
    for (size_t i = 0; i < model_count(draft, MODEL_MAILBOX); i++)
        if (slice_equal_nocase(model_mailbox(draft, i)->name, name))
            return model_mailbox(draft, i)->primary_smtp_address;
    for (size_t i = 0; i < model_count(draft, MODEL_DISTRIBUTION_GROUP); i++)
        if (slice_equal_nocase(model_distribution_group(draft, i)->name, name))
            return model_distribution_group(draft, i)->primary_smtp_address;
    return (struct slice){0};
}

bool distribution_member_address(struct call *call, struct model *draft, struct slice written,
                                 struct slice *out_address)
{
    *out_address = has_at(written) ? written : address_of_name(draft, written);
    if (out_address->len)
        return true;
    call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Mailbox",
                  "there is no mailbox and no distribution group \"%.*s\"; people elsewhere are "
                  "named by their address",
                  SLICE_ARG(slice_first(written, SHOWN_MAX)));
    return false;
}

/* --- each once --- */

struct numbered {
    struct slice address;
    size_t at;
};

static int compare_address(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;
    int order = slice_compare_nocase(left->address, right->address);
    return order ? order : (left->at > right->at) - (left->at < right->at);
}

static int compare_at(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;
    return (left->at > right->at) - (left->at < right->at);
}

/* Returns how many are left, in their order. */
static size_t drop_doubles(struct numbered *members, size_t count)
{
    size_t kept = 0;
    qsort(members, count, sizeof *members, compare_address);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !slice_equal_nocase(members[kept - 1].address, members[i].address))
            members[kept++] = members[i];
    qsort(members, kept, sizeof *members, compare_at);
    return kept;
}

static void warn_of_nobody(struct call *call, struct model *draft,
                           const struct distribution_group *group)
{
    size_t warned = 0;
    struct recipient_index *index = recipient_index_new(draft);
    for (size_t i = 0; index && warned < WARNINGS_MAX && i < group->members.count; i++) {
        struct slice address = group->members.at[i], rest = address, local;
        struct recipient who = recipient_index_find(index, address);
        const struct accepted_domain *domain =
            slice_take_until(&rest, '@', &local) ? accepted_domain_of(draft, rest) : NULL;
        if (who.mailbox || who.group || !domain || domain->domain_type != DOMAIN_AUTHORITATIVE)
            continue;
        call_warn(call, "nobody here has the address %.*s: mail to it will go back to its sender",
                  SLICE_ARG(slice_first(address, SHOWN_MAX)));
        warned++;
    }
    recipient_index_free(index);
}

static bool fill(struct call *call, struct distribution_group *group, struct model *draft,
                 struct numbered *members)
{
    for (size_t i = 0; i < group->members.count; i++) {
        members[i].at = i;
        if (!distribution_member_address(call, draft, group->members.at[i], &members[i].address))
            return false;
    }
    return true;
}

bool distribution_members_tidy(struct call *call, struct distribution_group *group,
                               struct model *draft)
{
    size_t count = group->members.count;
    struct numbered *members = calloc(count + 1, sizeof *members);
    struct slice *kept = arena_take_array(draft->arena, count + 1, sizeof *kept);
    bool good = members && kept;
    if (!good)
        call_fail(call, OPERATION_FAILED, "there is no memory for the members");
    good = good && fill(call, group, draft, members);
    if (good) {
        count = drop_doubles(members, count);
        for (size_t i = 0; i < count; i++)
            kept[i] = members[i].address;
        group->members = (struct slice_list){kept, count};
        warn_of_nobody(call, draft, group);
    }
    free(members);
    return good;
}
