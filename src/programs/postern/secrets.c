/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/secrets.h"

#include "base/base64.h"
#include "os/descriptor.h"
#include "programs/postern/terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 20, SECRET_MAX = 1024 };

static void wipe(struct text *text)
{
    if (text->at)
        explicit_bzero(text->at, text->capacity);
    text_deinit(text);
}

static bool set_text(json_t *parameters, const char *name, struct slice value)
{
    json_t *string = json_stringn(value.len ? value.at : "", value.len);
    return string && json_object_set_new(parameters, name, string) == 0;
}

/* The file as the value of `parameter`; `option` is what named it. */
static bool read_file(json_t *parameters, const char *parameter, const char *option,
                      struct slice written, struct text *error)
{
    char path[4096];
    struct text name = text_over(path, sizeof(path));
    struct text file = text_with_ceiling(FILE_MAX_BYTES);
    struct text encoded = text_with_ceiling(FILE_MAX_BYTES * 2);
    text_append(&name, written);
    const char *c_path = text_c_string(&name);
    int result = c_path ? file_read(AT_FDCWD, c_path, &file) : -1;
    bool good = result == 0 && base64_append(&encoded, text_slice(&file)) &&
                set_text(parameters, parameter, text_slice(&encoded));
    if (!good)
        text_append_format(error, "%s: %s", c_path ? c_path : option,
                           result < 0 ? strerror(-result) : "cannot be sent");
    wipe(&file);
    wipe(&encoded);
    return good;
}

static bool ask_password(json_t *parameters, const char *name, struct text *error)
{
    char storage[SECRET_MAX];
    struct text secret = text_over(storage, sizeof(storage));
    bool good =
        terminal_read_secret(name, &secret) && set_text(parameters, name, text_slice(&secret));
    explicit_bzero(storage, sizeof(storage));
    if (!good)
        text_append_format(error, "-%s -: there is no password on standard input", name);
    return good;
}

static bool fetch_password(json_t *parameters, const char *name, struct text *error)
{
    const char *written = json_string_value(json_object_get(parameters, name));
    if (!written)
        return true;
    if (slice_equal(slice_of(written), SLICE("-")))
        return ask_password(parameters, name, error);
    fprintf(stderr,
            "WARNING: other users of this machine can read the password on the command line; "
            "-%s - asks for it\n",
            name);
    return true;
}

/* A user name is written; the password is asked for, so that it stands on no command line. */
static bool fetch_credential(json_t *parameters, const char *name, struct text *error)
{
    char storage[SECRET_MAX];
    struct text secret = text_over(storage, sizeof(storage));
    json_t *user = json_object_get(parameters, name);
    if (!json_is_string(user))
        return true;
    if (strcmp(json_string_value(user), "$null") == 0)
        return json_object_set_new(parameters, name, json_null()) == 0;
    bool good = terminal_read_secret("Password", &secret);
    json_t *credential =
        good ? json_pack("{s:O,s:s%}", "UserName", user, "Password", storage, secret.len) : NULL;
    explicit_bzero(storage, sizeof(storage));
    if (credential && json_object_set_new(parameters, name, credential) == 0)
        return true;
    text_append_format(error, "-%s: there is no password on standard input", name);
    return false;
}

static bool fetch_file(json_t *parameters, const char *name, struct text *error)
{
    char path[4096];
    const char *written = json_string_value(json_object_get(parameters, name));
    struct text copy = text_over(path, sizeof(path)); /* the value is replaced meanwhile */
    if (!written)
        return true;
    text_append_c(&copy, written);
    return read_file(parameters, name, name, text_slice(&copy), error);
}

bool secrets_fetch(const struct operation *operation, struct arguments *arguments,
                   struct text *error)
{
    json_t *parameters = arguments->parameters;
    if (arguments->file_name.len > 0 && !operation->writes_file &&
        !read_file(parameters, "FileData", "-FileName", arguments->file_name, error))
        return false;
    for (const struct operation_parameter *row = operation->parameters; row->name; row++)
        if ((row->kind == PARAMETER_PASSWORD && !fetch_password(parameters, row->name, error)) ||
            (row->kind == PARAMETER_CREDENTIAL &&
             !fetch_credential(parameters, row->name, error)) ||
            (row->kind == PARAMETER_FILE_AT && !fetch_file(parameters, row->name, error)))
            return false;
    return true;
}
