/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/object.h"

#include "base/base64.h"

#include <string.h>

enum { BASE64_MAX = OPERATION_REPLY_MAX, SECRET_BYTES_MAX = 65536 };

static bool is_row(const struct configuration_kind *row, const struct setting *setting)
{
    struct operation_parameter parameter;
    struct slice name = slice_of(setting->name);
    return !(setting->flags & (SETTING_READ_ONLY | SETTING_HIDDEN)) &&
           !configuration_is_special(row, name) &&
           operation_parameter_find(&operations[row->make], name, &parameter, NULL) &&
           slice_equal(slice_of(parameter.name), name);
}

struct configuration_rows configuration_rows_of(const struct configuration_kind *row)
{
    struct configuration_rows rows = {0};
    const struct setting *setting = model_kind_facts(row->kind)->settings;
    for (; setting->name; setting++)
        if (is_row(row, setting))
            rows.at[rows.count++] = setting;
    return rows;
}

/* --- names --- */

bool configuration_append_user(struct text *text, const struct model *model,
                               const struct permission *permission)
{
    const struct mailbox *who = model_by_id(model, MODEL_MAILBOX, permission->mailbox);
    if (permission->principal != PRINCIPAL_MAILBOX)
        return text_append_c(text, principal_name((enum principal)permission->principal));
    return who && text_append(text, who->name);
}

static bool append_permission(struct text *text, const struct model *model,
                              const struct permission *permission)
{
    const struct receive_connector *connector =
        model_by_id(model, MODEL_RECEIVE_CONNECTOR, permission->object);
    const struct mailbox *mailbox = model_by_id(model, MODEL_MAILBOX, permission->object);
    if (!connector && !mailbox)
        return false;
    text_append_format(text, "%s ", connector ? "connector" : "mailbox");
    text_append(text, connector ? connector->name : mailbox->name);
    text_append_c(text, permission->deny ? ", denied: " : ": ");
    return configuration_append_user(text, model, permission);
}

bool configuration_append_name(struct text *text, const struct model *model, enum model_kind kind,
                               const void *object)
{
    if (kind == MODEL_PERMISSION)
        return append_permission(text, model, object);
    if (kind == MODEL_RECEIVE_CONNECTOR)
        return text_append(text, ((const struct receive_connector *)object)->name);
    return model_append_name(text, kind, object);
}

/* --- bytes --- */

json_t *json_of_base64(struct slice bytes)
{
    struct text encoded = text_with_ceiling(BASE64_MAX);
    json_t *json = base64_append(&encoded, bytes)
                       ? json_stringn(encoded.len ? encoded.at : "", encoded.len)
                       : NULL;
    text_deinit(&encoded);
    return json;
}

json_t *configuration_secret_json(struct object_id id, struct slice sealed)
{
    struct text bytes = text_with_ceiling(SECRET_BYTES_MAX);
    text_append(&bytes, slice_bytes(id.bytes, sizeof id.bytes));
    json_t *json = text_append(&bytes, sealed) ? json_of_base64(text_slice(&bytes)) : NULL;
    text_deinit(&bytes);
    return json;
}

bool configuration_secret_read(const json_t *value, struct object_id *out_id,
                               struct text *out_sealed)
{
    struct text bytes = text_with_ceiling(SECRET_BYTES_MAX);
    struct slice written = {json_string_value(value), json_string_length(value)};
    bool good = written.len > 0 && base64_decode(written, &bytes) &&
                bytes.len > CONFIGURATION_ID_BYTES &&
                text_append(out_sealed, slice_after(text_slice(&bytes), CONFIGURATION_ID_BYTES));
    if (good)
        memcpy(out_id->bytes, bytes.at, sizeof out_id->bytes);
    text_deinit(&bytes);
    return good;
}
