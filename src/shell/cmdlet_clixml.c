/* SPDX-License-Identifier: Apache-2.0 */
/* Export-Clixml and Import-Clixml. */
#include "shell/clixml.h"
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/encoding.h"

enum { FILE_MAX_BYTES = 64 << 20, ERROR_MAX = 600 };
enum { CLIXML_PATH, CLIXML_ENCODING, CLIXML_FORCE };

static enum flow export_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    stage_check_encoding(stage, CLIXML_ENCODING);
    bool good = clixml_append(&text, stage->held[0]);
    if (!good)
        text_append_format(&error, "the objects are nested more than %d deep, or too large",
                           DATUM_DEPTH_MAX);
    else
        good = m->world->write_file(m->world->context, stage_text(stage, CLIXML_PATH),
                                    text_slice(&text), false, &error);
    text_deinit(&text);
    return good ? FLOW_ON
                : machine_fail(m, stage->node, OPERATION_FAILED, "FileNotWritten", "%.*s",
                               SLICE_ARG(text_slice(&error)));
}

static enum flow give_objects(struct stage *stage, struct slice text)
{
    struct machine *m = stage->machine;
    struct clixml reader = clixml_over(m, text);
    struct datum object = datum_null();
    enum flow flow = machine_memory(m);
    stage->held[0] = reader.references;
    while (flow == FLOW_ON && clixml_next(&reader, &object)) {
        flow = machine_memory(m);
        if (flow == FLOW_ON)
            flow = emit(m, stage->out, object);
        stage->count++;
    }
    if (flow == FLOW_ON && (reader.complaint || stage->count == 0))
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidClixml",
                            "this is no file of Export-Clixml: %s",
                            reader.complaint ? reader.complaint : "there is no object in it");
    return flow;
}

static enum flow import_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES), text = text_with_ceiling(FILE_MAX_BYTES);
    enum flow flow;
    if (m->world->read_file(m->world->context, stage_text(stage, CLIXML_PATH), &bytes, &error) &&
        encoding_append(&text, text_slice(&bytes)))
        flow = give_objects(stage, text_slice(&text));
    else
        flow = machine_fail(m, stage->node, OPERATION_NOT_FOUND, "FileNotRead", "%.*s",
                            SLICE_ARG(text_slice(&error)));
    text_deinit(&bytes);
    text_deinit(&text);
    return flow;
}

/* clang-format off */
#define PATH {.name = "Path", .positional = true, .required = true}
const struct cmdlet clixml_cmdlets[] = {
    {"Export-Clixml", "", stage_gather_begin, stage_gather_take, export_end,
     {PATH, {.name = "Encoding"}, {.name = "Force", .kind = ARGUMENT_SWITCH}},
     "Writes objects to a file as XML, in UTF-8.", "Get-ReceiveConnector | Export-Clixml connectors.xml"},
    {"Import-Clixml", "", NULL, NULL, import_end, {PATH},
     "Reads such a file, also one that Exchange's Management Shell wrote.", "Import-Clixml connectors.xml | ft Name,Bindings"},
    {0},
};
/* clang-format on */
