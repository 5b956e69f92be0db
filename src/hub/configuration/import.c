/* SPDX-License-Identifier: Apache-2.0 */
/* Import-Configuration: from a document to a change. What only the vault can tell comes first. */
#include "hub/configuration/make.h"
#include "hub/configuration/questions.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"

#include <string.h>

enum { SHOWN = 10, LIST_MAX = 1000 };

static bool may_remove(struct call *call)
{
    bool asked;
    return call_switch(call, "Force") || operation_is_dry(call) ||
           (call_has(call, "Confirm") && call_bool(call, "Confirm", true, &asked) && !asked);
}

static void fail_removal(struct call *call, size_t count)
{
    char storage[LIST_MAX];
    struct text names = text_over(storage, sizeof(storage));
    size_t shown = 0;
    for (size_t i = 0; i < json_array_size(call->objects) && shown < SHOWN; i++) {
        json_t *report = json_array_get(call->objects, i);
        if (strcmp(json_string_value(json_object_get(report, "Change")), "Remove") != 0)
            continue;
        text_append_format(&names, "%s%s %s", shown++ ? ", " : "",
                           json_string_value(json_object_get(report, "Kind")),
                           json_string_value(json_object_get(report, "Name")));
    }
    json_array_clear(call->objects);
    call_fail_fix(call, OPERATION_CONFLICT, "add -Confirm:$false (postern apply FILE --yes)",
                  "the file does not name %zu object%s, which would go: %.*s%s", count,
                  count == 1 ? "" : "s", SLICE_ARG(text_slice(&names)),
                  count > shown ? " and more" : "");
}

static void end_change(struct call *call, struct change *change,
                       const struct configuration_counts *counts)
{
    if (counts->added + counts->changed + counts->removed == 0) {
        operation_refuse(change);
        call_inform(call, "nothing to change");
        call_done(call);
    } else if (counts->removed && !may_remove(call)) {
        operation_refuse(change);
        fail_removal(call, counts->removed);
    } else {
        call_inform(call, "%zu added, %zu changed, %zu removed", counts->added, counts->changed,
                    counts->removed);
        operation_commit(call, change);
    }
}

static void edit(struct call *call, struct change *change)
{
    int64_t revision, now = (int64_t)call->hub->model->revision;
    struct configuration_counts counts;
    if (!call_integer(call, "Revision", 0, INT64_MAX, now, &revision)) {
        operation_refuse(change);
    } else if (revision != now) {
        operation_refuse(change);
        call_fail(call, OPERATION_CONFLICT,
                  "the configuration has changed meanwhile: revision %lld is in force, not %lld; "
                  "try again",
                  (long long)now, (long long)revision);
    } else if (configuration_make(call, change, call->kept, &counts)) {
        end_change(call, change, &counts);
    } else {
        operation_refuse(change);
    }
}

static void make_change(struct call *call)
{
    operation_change(call, edit, NULL);
}

void configuration_import(struct call *call)
{
    json_t *document = configuration_read(call);
    if (!document)
        return;
    call->noun = "ConfigurationChange";
    if (questions_plan(call, document))
        questions_ask(call, make_change);
}
