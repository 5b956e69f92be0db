/* SPDX-License-Identifier: Apache-2.0 */
/* ConvertTo-Json and ConvertFrom-Json. */
#include "shell/cmdlets.h"
#include "shell/convert.h"

#include <stdlib.h>

enum { TO_OBJECT, TO_DEPTH, TO_COMPRESS, TO_AS_ARRAY };
enum { INDENT_BLANKS = 2, INPUT_MAX = 64 << 20 };

static struct datum gathered(struct stage *stage)
{
    struct datum list = stage->held[0];
    bool one = list.kind == DATUM_LIST && list.list->count == 1;
    return one && !stage_switch(stage, TO_AS_ARRAY) ? list.list->at[0] : list;
}

static enum flow to_end(struct stage *stage)
{
    struct datum value =
        stage_has(stage, TO_OBJECT) ? stage->arguments[TO_OBJECT] : gathered(stage);
    json_t *json = datum_to_json(value, true);
    size_t flags = stage_switch(stage, TO_COMPRESS) ? JSON_COMPACT : JSON_INDENT(INDENT_BLANKS);
    char *written = json ? json_dumps(json, flags | JSON_ENCODE_ANY) : NULL;
    json_decref(json);
    if (!written)
        return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "TooDeep",
                            "it is nested more than %d deep, or too large", DATUM_DEPTH_MAX);
    struct datum text = heap_text(&stage->machine->heap, slice_of(written));
    free(written);
    return machine_memory(stage->machine) == FLOW_ON ? stage_give(stage, text)
                                                     : machine_memory(stage->machine);
}

static enum flow from_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct text text = text_with_ceiling(INPUT_MAX);
    json_error_t error;
    struct datum list = stage->held[0];
    if (stage_has(stage, 0))
        datum_append(&text, stage->arguments[0]);
    for (size_t i = 0; list.kind == DATUM_LIST && i < list.list->count; i++) {
        datum_append(&text, list.list->at[i]);
        text_append_byte(&text, '\n');
    }
    json_t *json = json_loadb(text.len ? text.at : "", text.len, JSON_DECODE_ANY, &error);
    text_deinit(&text);
    if (!json)
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidJson",
                            "this is no JSON: line %d: %s", error.line, error.text);
    struct datum value = datum_from_json(m, json, SLICE(""));
    json_decref(json);
    enum flow flow = machine_memory(m);
    return flow == FLOW_ON ? emit(m, stage->out, value) : flow;
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
const struct cmdlet json_cmdlets[] = {
    {"ConvertTo-Json", "", stage_gather_begin, stage_gather_take, to_end,
     {{.name = "InputObject", .positional = true}, {.name = "Depth"}, SWITCH("Compress"), SWITCH("AsArray")},
     "Writes objects as JSON, whole whatever -Depth says.", "Get-ReceiveConnector | ConvertTo-Json"},
    {"ConvertFrom-Json", "", stage_gather_begin, stage_gather_take, from_end, {{.name = "InputObject", .positional = true}},
     "Reads JSON.", "Get-Content connectors.json -Raw | ConvertFrom-Json"},
    {0},
};
/* clang-format on */
