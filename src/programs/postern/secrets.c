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

static bool read_file(struct arguments *arguments, struct text *error)
{
    char path[4096];
    struct text name = text_over(path, sizeof(path));
    struct text file = text_with_ceiling(FILE_MAX_BYTES);
    struct text encoded = text_with_ceiling(FILE_MAX_BYTES * 2);
    text_append(&name, arguments->file_name);
    const char *c_path = text_c_string(&name);
    int result = c_path ? file_read(AT_FDCWD, c_path, &file) : -1;
    bool good = result == 0 && base64_append(&encoded, text_slice(&file)) &&
                set_text(arguments->parameters, "FileData", text_slice(&encoded));
    if (!good)
        text_append_format(error, "%s: %s", c_path ? c_path : "-FileName",
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

bool secrets_fetch(const struct operation *operation, struct arguments *arguments,
                   struct text *error)
{
    if (arguments->file_name.len > 0 && !operation->writes_file && !read_file(arguments, error))
        return false;
    for (const struct operation_parameter *row = operation->parameters; row->name; row++)
        if (row->kind == PARAMETER_PASSWORD &&
            !fetch_password(arguments->parameters, row->name, error))
            return false;
    return true;
}
