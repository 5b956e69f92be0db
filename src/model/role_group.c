/* SPDX-License-Identifier: Apache-2.0 */
#include "model/role_group.h"

const struct setting_word role_group_words[] = {
    {"Organization Management", ROLE_GROUP_ORGANIZATION},
    {"Certificate Management", ROLE_GROUP_CERTIFICATES},
    {"Recipient Management", ROLE_GROUP_RECIPIENTS},
    {"Queue Management", ROLE_GROUP_QUEUES},
    {"View-Only Organization Management", ROLE_GROUP_VIEW},
    {"None", 0},
    {0},
};

const char *role_group_name(enum role_group group)
{
    for (const struct setting_word *w = role_group_words; w->word; w++)
        if (w->value == (uint32_t)group)
            return w->word;
    return "";
}

bool role_group_parse(struct slice written, enum role_group *out_group)
{
    for (const struct setting_word *w = role_group_words; w->word; w++)
        if (w->value && slice_equal_nocase(written, slice_of(w->word))) {
            *out_group = (enum role_group)w->value;
            return true;
        }
    return false;
}

bool role_groups_append(struct text *text, uint32_t groups)
{
    const char *between = "";
    if (!groups)
        return text_append_c(text, "no role");
    for (const struct setting_word *w = role_group_words; w->word; w++) {
        if (!(w->value & groups))
            continue;
        text_append_format(text, "%s\"%s\"", between, w->word);
        between = ", ";
    }
    return !text->truncated;
}
