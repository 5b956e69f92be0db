/* SPDX-License-Identifier: Apache-2.0 */
/* Export-Configuration. */
#include "hub/configuration/export.h"
#include "hub/configuration/object.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "operations/access.h"

#include <stdlib.h>

enum { TEXT_MAX = OPERATION_REPLY_MAX / 4 };

static bool print_json(json_t *document, struct text *text)
{
    char *written = json_dumps(document, JSON_INDENT(1));
    bool good = written && text_append_c(text, written) && text_append_byte(text, '\n');
    free(written);
    return good;
}

static bool wants_json(struct call *call, bool *out_json)
{
    struct slice format = call_text(call, "Format");
    *out_json = slice_equal_nocase(format, SLICE("Json"));
    if (*out_json || format.len == 0 || slice_equal_nocase(format, SLICE("Script")))
        return true;
    call_fail(call, OPERATION_USAGE, "-Format is Script or Json");
    return false;
}

static void emit(struct call *call, bool json, json_t *document)
{
    struct text text = text_with_ceiling(TEXT_MAX);
    if (!(json ? print_json(document, &text) : configuration_print_script(document, &text))) {
        text_deinit(&text);
        call_fail(call, OPERATION_FAILED, "the configuration as text is larger than %d bytes",
                  TEXT_MAX);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "Format", json_string(json ? "Json" : "Script"));
    json_object_set_new(object, "Text", json_stringn(text.at, text.len));
    json_object_set_new(object, "FileData", json_of_base64(text_slice(&text)));
    text_deinit(&text);
    call_emit(call, object);
    call_done(call);
}

/* Who may not change the configuration gets no sealed secret either. */
void configuration_export(struct call *call)
{
    bool json;
    bool secrets = access_allowed(call->who->role_groups, OPERATION_ADMINISTER) &&
                   !call_switch(call, "WithoutSecrets");
    if (!wants_json(call, &json))
        return;
    json_t *document = configuration_document(call->hub, secrets);
    if (document)
        emit(call, json, document);
    else
        call_fail(call, OPERATION_FAILED, "there is no memory for the configuration as text");
    json_decref(document);
}
