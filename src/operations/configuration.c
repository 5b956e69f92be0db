/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/configuration.h"

#include "operations/argument.h"

/* clang-format off */
const struct configuration_kind configuration_kinds[] = {
    {MODEL_TRANSPORT_CONFIG,  OPERATION_SET_TRANSPORT_CONFIG,   true,  {0}, NULL},
    {MODEL_TRANSPORT_SERVICE, OPERATION_SET_TRANSPORT_SERVICE,  true,  {0}, NULL},
    {MODEL_ACCEPTED_DOMAIN,   OPERATION_NEW_ACCEPTED_DOMAIN,    false, {0}, NULL},
    {MODEL_CERTIFICATE,       OPERATION_IMPORT_CERTIFICATE,     false,
        {"FileData", "CertificateRequest", "OcspResponse", "PrivateKeyExportable", "SealedKey"}, "SealedKey"},
    {MODEL_RECEIVE_CONNECTOR, OPERATION_NEW_RECEIVE_CONNECTOR,  false, {"Usage"}, NULL},
    {MODEL_SEND_CONNECTOR,    OPERATION_NEW_SEND_CONNECTOR,     false, {"CredentialUser", "SealedCredential"}, "SealedCredential"},
    {MODEL_DKIM_SIGNING_CONFIG, OPERATION_NEW_DKIM_SIGNING_CONFIG, false, {"SealedKeys"}, "SealedKeys"},
    {MODEL_MAILBOX,           OPERATION_NEW_MAILBOX,            false, {"SealedPassword"}, "SealedPassword"},
    {MODEL_DISTRIBUTION_GROUP, OPERATION_NEW_DISTRIBUTION_GROUP, false, {0}, NULL},
    {MODEL_PERMISSION,        OPERATION_ADD_PERMISSION,         false, {"Identity", "User", "Deny"}, NULL},
};
/* clang-format on */
const size_t configuration_kind_count = COUNT_OF(configuration_kinds);

const struct configuration_kind *configuration_kind_of(enum operation_id make)
{
    for (size_t i = 0; i < configuration_kind_count; i++)
        if (configuration_kinds[i].make == make)
            return &configuration_kinds[i];
    return NULL;
}

const char *configuration_noun(const struct configuration_kind *row)
{
    return model_kind_facts(row->kind)->noun;
}

bool configuration_is_special(const struct configuration_kind *row, struct slice parameter)
{
    for (size_t i = 0; row->specials[i]; i++)
        if (slice_equal_nocase(slice_of(row->specials[i]), parameter))
            return true;
    return false;
}

/* --- as a script --- */

static const char heading[] =
    "#\n"
    "# postern diff FILE shows what this file would change, postern apply FILE changes it: all at\n"
    "# once, or nothing. The file describes the whole configuration; what it does not name goes.\n";

static const char of_secrets[] = "#\n"
                                 "# Sealed keys and passwords open only under the key-encryption "
                                 "key of this server. On another\n"
                                 "# server give it that key first (kek.N), or apply the file with "
                                 "--without-secrets, import the\n"
                                 "# certificates with Import-ExchangeCertificate and set passwords "
                                 "with Set-Mailbox -Password\n# and Set-SendConnector "
                                 "-AuthenticationCredential.\n";

static void print_file(struct text *text, const json_t *value)
{
    text_append_c(text, "([System.Convert]::FromBase64String(");
    argument_append(text, value);
    text_append_c(text, "))");
}

static void print_parameter(struct text *text, const struct operation *operation, const char *name,
                            const json_t *value)
{
    struct operation_parameter parameter = {0};
    text_append_format(text, " -%s", name);
    (void)operation_parameter_find(operation, slice_of(name), &parameter, NULL);
    if (parameter.kind == PARAMETER_SWITCH) {
        text_append_c(text, json_is_true(value) ? "" : ":$false");
        return;
    }
    text_append_byte(text, ' ');
    if (parameter.kind == PARAMETER_FILE)
        print_file(text, value);
    else
        argument_append(text, value);
}

static void print_object(struct text *text, const struct operation *operation, json_t *object)
{
    const char *name;
    json_t *value;
    operation_append_name(text, operation);
    json_object_foreach(object, name, value)
    {
        print_parameter(text, operation, name, value);
    }
    text_append_byte(text, '\n');
}

bool configuration_print_script(json_t *document, struct text *text)
{
    const char *server = json_string_value(json_object_get(document, "server"));
    json_t *objects = json_object_get(document, "objects");
    text_append_format(text, "# The configuration of %s.\n", server ? server : "a server");
    text_append_c(text, heading);
    if (json_is_true(json_object_get(document, "sealed")))
        text_append_c(text, of_secrets);
    for (size_t i = 0; i < configuration_kind_count; i++) {
        const struct configuration_kind *row = &configuration_kinds[i];
        json_t *list = json_object_get(objects, configuration_noun(row));
        text_append_c(text, json_array_size(list) ? "\n" : "");
        for (size_t k = 0; k < json_array_size(list); k++)
            print_object(text, &operations[row->make], json_array_get(list, k));
    }
    return !text->truncated;
}
