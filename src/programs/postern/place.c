/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/place.h"

#include "os/descriptor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool write_path(char out[PLACE_PATH_MAX], const char *folder, const char *name)
{
    int len = snprintf(out, PLACE_PATH_MAX, "%s%s", folder, name);
    return len > 0 && len < PLACE_PATH_MAX;
}

/* The folder of this program, without the slash at its end. */
static bool own_folder(char out[PLACE_PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", out, PLACE_PATH_MAX - 1);
    while (len > 0 && out[len] != '/')
        len--;
    out[len > 0 ? len : 0] = '\0';
    return len > 0;
}

static bool has_socket(const char *folder)
{
    char path[PLACE_PATH_MAX];
    return write_path(path, folder, "/control.socket") && access(path, F_OK) == 0;
}

static bool find_data(char out[PLACE_PATH_MAX])
{
    static const char *const beside[] = {"/run", "/../run"};
    char folder[PLACE_PATH_MAX];
    bool known = own_folder(folder);
    for (size_t i = 0; known && i < COUNT_OF(beside); i++)
        if (write_path(out, folder, beside[i]) && has_socket(out))
            return true;
    return write_path(out, has_socket("build/run") ? "build/run" : "/var/lib/postern", "");
}

bool place_find(const char *data_given, const char *socket_given, struct place *out)
{
    const char *from_environment = getenv("POSTERN_DATA");
    const char *data = data_given ? data_given : from_environment;
    bool found = data && data[0] ? write_path(out->data, data, "") : find_data(out->data);
    return found && (socket_given ? write_path(out->socket, socket_given, "")
                                  : write_path(out->socket, out->data, "/control.socket"));
}

static bool keep_token(struct slice written, struct place *out)
{
    struct slice line;
    if (!slice_take_field(&written, '\n', &line))
        line = (struct slice){0};
    size_t len = line.len && line.at[line.len - 1] == '\r' ? line.len - 1 : line.len;
    line = slice_trim(slice_first(line, len));
    if (line.len >= sizeof(out->token))
        return false;
    snprintf(out->token, sizeof(out->token), "%.*s", SLICE_ARG(line));
    return line.len > 0;
}

bool place_find_token(const char *file_given, struct place *out)
{
    const char *from_environment = getenv("POSTERN_TOKEN");
    struct text file = text_with_ceiling(PLACE_PATH_MAX);
    out->token[0] = '\0';
    if (!file_given) {
        if (!from_environment || !from_environment[0] ||
            keep_token(slice_of(from_environment), out))
            return true;
        fprintf(stderr, "postern: POSTERN_TOKEN holds no token\n");
        return false;
    }
    int result = file_read(AT_FDCWD, file_given, &file);
    bool found = result == 0 && keep_token(text_slice(&file), out);
    if (!found)
        fprintf(stderr, "postern: %s: %s\n", file_given,
                result < 0 ? strerror(-result) : "its first line is no token");
    if (file.at)
        explicit_bzero(file.at, file.capacity);
    text_deinit(&file);
    return found;
}
