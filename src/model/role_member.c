/* SPDX-License-Identifier: Apache-2.0 */
#include "model/role_member.h"

#include "base/number.h"
#include "model/model.h"
#include "model/role_group.h"

enum { LABEL_MAX = 64 };
static const uint32_t number_max = UINT32_MAX - 1; /* the highest is no user */

static bool check_member(const struct setting *row, struct slice written, struct text *error)
{
    bool is_group;
    uint32_t number;
    if (role_member_parse(written, &is_group, &number))
        return true;
    if (error)
        text_append_format(error, "%s: a member is uid:NUMBER or gid:NUMBER.", row->name);
    return false;
}

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(role_member, written, member, __VA_ARGS__)

const struct setting role_member_settings[] = {
    ROW("Member", member, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 5, .max = 14, .check = check_member, .help = "A user or group of this machine: uid:1000, gid:1001."),
    ROW("Label", label, .kind = SETTING_TEXT, .max = LABEL_MAX, .help = "What the number was called when it was added; for people to read."),
    ROW("RoleGroups", role_groups, .kind = SETTING_FLAGS, .words = role_group_words, .help = "The role groups it is in."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

bool role_member_parse(struct slice written, bool *out_is_group, uint32_t *out_number)
{
    uint64_t number;
    struct slice digits = written;
    bool is_group = slice_take_prefix(&digits, SLICE("gid:"));
    if (!is_group && !slice_take_prefix(&digits, SLICE("uid:")))
        return false;
    if (!number_parse_u64(digits, number_max, &number) || (digits.len > 1 && digits.at[0] == '0'))
        return false;
    *out_is_group = is_group;
    *out_number = (uint32_t)number;
    return true;
}

static bool is_in_group(const struct role_peer *peer, uint32_t group)
{
    bool in = peer->gid == group;
    for (size_t i = 0; !in && i < peer->group_count; i++)
        in = peer->groups[i] == group;
    return in;
}

/* The user's own name says more than that of a group it is in. */
static void label(struct text *out_label, const struct role_member *member, bool is_group)
{
    struct slice name = member->label.len ? member->label : member->member;
    if (is_group && out_label->len)
        return;
    text_clear(out_label);
    text_append_c(out_label, is_group ? "group " : "");
    text_append_escaped(out_label, name, LABEL_MAX);
}

uint32_t role_groups_of_peer(const struct model *model, const struct role_peer *peer,
                             struct text *out_label)
{
    uint32_t groups = 0;
    for (size_t i = 0; i < model_count(model, MODEL_ROLE_MEMBER); i++) {
        const struct role_member *member = model_object(model, MODEL_ROLE_MEMBER, i);
        bool is_group;
        uint32_t number;
        if (!role_member_parse(member->member, &is_group, &number) ||
            !(is_group ? is_in_group(peer, number) : peer->uid == number))
            continue;
        groups |= member->role_groups;
        label(out_label, member, is_group);
    }
    return groups;
}

struct role_member *role_member_of(const struct model *model, struct slice member)
{
    for (size_t i = 0; i < model_count(model, MODEL_ROLE_MEMBER); i++) {
        struct role_member *one = model_object(model, MODEL_ROLE_MEMBER, i);
        if (slice_equal(one->member, member))
            return one;
    }
    return NULL;
}
