/* SPDX-License-Identifier: Apache-2.0 */
/* New-Object for the kinds of objects that scripts make for themselves. */
#include "shell/cmdlets.h"
#include "shell/convert.h"

enum { NEW_TYPE, NEW_ARGUMENTS, NEW_PROPERTY };
enum { SHOWN = 80 };

static enum flow new_object(struct stage *stage)
{
    static const struct node object = {.text = SLICE_INIT("pscustomobject")};
    struct machine *m = stage->machine;
    struct datum properties = stage->arguments[NEW_PROPERTY], made = datum_null();
    if (!stage_has(stage, NEW_PROPERTY))
        properties = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    if (properties.kind != DATUM_TABLE)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "-Property takes a table @{ Name = value }");
    enum flow flow = datum_cast(m, &object, properties, TYPE_OBJECT, &made);
    return flow == FLOW_ON ? stage_give(stage, made) : flow;
}

/* A name and a secure string, as Get-Credential asks for them. */
static enum flow new_credential(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct datum given = stage->arguments[NEW_ARGUMENTS];
    bool good = given.kind == DATUM_LIST && given.list->count == 2 &&
                given.list->at[0].kind == DATUM_TEXT && given.list->at[1].kind == DATUM_SECRET;
    if (!good)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "PSCredential is made of a user name and a secure string: New-Object "
                            "PSCredential(\"anna\", (Read-Host -AsSecureString))");
    struct datum object = heap_map(&m->heap, DATUM_OBJECT, SLICE(""));
    if (object.kind != DATUM_OBJECT ||
        !map_set(&m->heap, object.map, SLICE("UserName"), given.list->at[0]) ||
        !map_set(&m->heap, object.map, SLICE("Password"), given.list->at[1]))
        return machine_memory(m);
    return stage_give(stage, object);
}

static enum flow new_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct slice type = stage_text(stage, NEW_TYPE);
    slice_take_prefix_nocase(&type, SLICE("System."));
    slice_take_prefix_nocase(&type, SLICE("Management.Automation."));
    bool security = slice_starts_nocase(type, SLICE("Security."));
    if (slice_equal_nocase(type, SLICE("PSCredential")))
        return new_credential(stage);
    if (stage_has(stage, NEW_ARGUMENTS) && !security)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "New-Object takes no -ArgumentList here, only -Property");
    if (slice_equal_nocase(type, SLICE("Collections.ArrayList"))) {
        struct datum list = heap_list(&m->heap, 0);
        return machine_memory(m) == FLOW_ON ? stage_give(stage, list) : machine_memory(m);
    }
    if (slice_equal_nocase(type, SLICE("PSObject")) ||
        slice_equal_nocase(type, SLICE("PSCustomObject")) ||
        slice_equal_nocase(type, SLICE("Object")))
        return new_object(stage);
    return machine_fail(m, stage->node, OPERATION_USAGE, "TypeNotFound",
                        "New-Object makes PSObject, PSCredential and System.Collections.ArrayList "
                        "here, not "
                        "%.*s%s",
                        SLICE_ARG(slice_first(type, SHOWN)),
                        security ? ". A SID needs none: -User S-1-5-7 works as it is" : "");
}

/* clang-format off */
const struct cmdlet new_cmdlets[] = {
    {"New-Object", "", NULL, NULL, new_end,
     {{.name = "TypeName", .positional = true, .required = true}, {.name = "ArgumentList", .positional = true}, {.name = "Property"}},
     "Makes a PSObject with properties, a PSCredential of a name and a secure string, or an empty System.Collections.ArrayList.", "New-Object PSObject -Property @{ Name = \"x\" }"},
    {0},
};
/* clang-format on */
