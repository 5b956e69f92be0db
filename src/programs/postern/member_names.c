/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/member_names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 256, NUMBER_MAX_BYTES = 32, LABEL_MAX = 64 };

/* What the server understands as it is. */
static bool is_settled(struct slice written)
{
    struct slice digits = written;
    bool number =
        slice_take_prefix(&digits, SLICE("uid:")) || slice_take_prefix(&digits, SLICE("gid:"));
    return number || slice_starts(written, SLICE("token:"));
}

static bool user_number(const char *name, char *out, size_t capacity)
{
    const struct passwd *entry = getpwnam(name);
    if (entry)
        snprintf(out, capacity, "uid:%u", (unsigned)entry->pw_uid);
    return entry != NULL;
}

static bool group_number(const char *name, char *out, size_t capacity)
{
    const struct group *entry = getgrnam(name);
    if (entry)
        snprintf(out, capacity, "gid:%u", (unsigned)entry->gr_gid);
    return entry != NULL;
}

static const char *name_of_number(struct slice written)
{
    char digits[NUMBER_MAX_BYTES];
    snprintf(digits, sizeof(digits), "%.*s", SLICE_ARG(slice_after(written, 4)));
    char *end = digits;
    errno = 0;
    unsigned long number = strtoul(digits, &end, 10);
    if (errno || end == digits || *end || number >= UINT32_MAX)
        return NULL;
    if (slice_starts(written, SLICE("uid:"))) {
        const struct passwd *user = getpwuid((uid_t)number);
        return user ? user->pw_name : NULL;
    }
    const struct group *group = getgrgid((gid_t)number);
    return slice_starts(written, SLICE("gid:")) && group ? group->gr_name : NULL;
}

static bool has_label(const struct operation *operation)
{
    bool has = false;
    for (const struct operation_parameter *row = operation->parameters; row->name; row++)
        has = has || slice_equal(slice_of(row->name), SLICE("Label"));
    return has;
}

static void set_label(const struct operation *operation, json_t *parameters, const char *name)
{
    if (name && has_label(operation) && !json_object_get(parameters, "Label"))
        json_object_set_new(parameters, "Label",
                            json_stringn(name, slice_first(slice_of(name), LABEL_MAX).len));
}

static bool look_up(const struct operation *operation, json_t *parameters, const char *parameter,
                    struct slice written, struct text *error)
{
    char name[NAME_MAX_BYTES], number[NUMBER_MAX_BYTES];
    struct slice rest = written;
    bool is_group = slice_take_prefix(&rest, SLICE("group:"));
    if (!is_group)
        slice_take_prefix(&rest, SLICE("user:"));
    snprintf(name, sizeof(name), "%.*s", SLICE_ARG(slice_first(rest, sizeof(name) - 1)));
    if (!(is_group ? group_number : user_number)(name, number, sizeof(number))) {
        text_append_format(error, "there is no %s \"", is_group ? "group" : "user");
        text_append_escaped(error, rest, NAME_MAX_BYTES);
        text_append_c(error, "\" on this machine: write a user, group:NAME, uid:NUMBER, gid:NUMBER "
                             "or token:NAME");
        return false;
    }
    set_label(operation, parameters, name);
    json_object_set_new(parameters, parameter, json_string(number));
    return true;
}

bool member_names_look_up(const struct operation *operation, json_t *parameters, struct text *error)
{
    for (const struct operation_parameter *row = operation->parameters; row->name; row++) {
        json_t *value = json_object_get(parameters, row->name);
        struct slice written = {json_string_value(value), json_string_length(value)};
        if (row->kind != PARAMETER_MEMBER || written.len == 0)
            continue;
        if (is_settled(written))
            set_label(operation, parameters, name_of_number(written));
        else if (!look_up(operation, parameters, row->name, written, error))
            return false;
    }
    return true;
}
