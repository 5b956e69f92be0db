/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/cmdlets.h"

static const struct cmdlet *const tables[] = {
    filter_cmdlets, arrange_cmdlets, output_cmdlets,  file_cmdlets, json_cmdlets,
    ask_cmdlets,    help_cmdlets,    service_cmdlets, new_cmdlets,  clixml_cmdlets};

const struct cmdlet *cmdlet_at(size_t index)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        for (const struct cmdlet *row = tables[i]; row->name; row++)
            if (index-- == 0)
                return row;
    return NULL;
}

static bool is_alias(const struct cmdlet *cmdlet, struct slice name)
{
    struct slice rest = slice_of(cmdlet->aliases), alias;
    while (slice_take_word(&rest, &alias))
        if (slice_equal_nocase(alias, name))
            return true;
    return false;
}

const struct cmdlet *cmdlet_find(struct slice name)
{
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++)
        if (slice_equal_nocase(slice_of(cmdlet->name), name) || is_alias(cmdlet, name))
            return cmdlet;
    return NULL;
}

void stage_check_encoding(struct stage *stage, size_t parameter)
{
    static const char *const honest[] = {"UTF8", "UTF8NoBOM", "ASCII", "Default", "Byte"};
    struct slice given = stage_text(stage, parameter);
    char storage[160];
    struct text warning = text_over(storage, sizeof(storage));
    for (size_t i = 0; i < COUNT_OF(honest); i++)
        if (slice_equal_nocase(given, slice_of(honest[i])))
            return;
    if (given.len == 0)
        return;
    text_append_format(&warning, "the file is written in UTF-8, not in %.*s",
                       SLICE_ARG(slice_first(given, 40)));
    machine_warn(stage->machine, text_slice(&warning));
}
