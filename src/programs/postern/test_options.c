/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/test_options.h"

#include "os/descriptor.h"
#include "programs/postern/terminal.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { DEMO_MAX = 1024 };

/* clang-format off */
static const struct { const char *name; size_t offset; bool value; } rows[] = {
    {"--connector",      offsetof(struct test_options, connector),      true},
    {"--user",           offsetof(struct test_options, user),           true},
    {"--password",       offsetof(struct test_options, password),       true},
    {"--to",             offsetof(struct test_options, to),             true},
    {"--wait-delivered", offsetof(struct test_options, wait_delivered), true},
    {"--demo",           offsetof(struct test_options, demo),           true},
    {"--ca",             offsetof(struct test_options, ca),             true},
    {"--as",             offsetof(struct test_options, as),             true},
    {"--strict",         offsetof(struct test_options, strict),         false},
    {"--transcript",     offsetof(struct test_options, transcript),     false},
};
/* clang-format on */

/* How many words the option took; 0: it is none. */
static size_t take(struct test_options *options, const char *const *words, size_t left)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *member = (char *)options + rows[i].offset;
        if (strcmp(words[0], rows[i].name) != 0)
            continue;
        if (!rows[i].value) {
            *(bool *)member = true;
            return 1;
        }
        if (left < 2)
            return 0;
        *(const char **)(void *)member = words[1];
        return 2;
    }
    return 0;
}

static bool find_kind(struct test_options *options, struct text *error)
{
    if (!options->as)
        return true;
    options->kind = client_kind_find(slice_of(options->as));
    if (options->kind)
        return true;
    text_append_c(error, "test: --as takes ");
    client_kinds_append_names(error);
    text_append_c(error, ", not \"");
    text_append_escaped(error, slice_of(options->as), 80);
    text_append_c(error, "\"");
    return false;
}

bool test_options_parse(const char *const *words, size_t count, struct test_options *out,
                        struct text *error)
{
    *out = (struct test_options){0};
    for (size_t i = 0, taken; i < count; i += taken) {
        taken = take(out, words + i, count - i);
        if (taken > 0)
            continue;
        text_append_c(error, "test: what is \"");
        text_append_escaped(error, slice_of(words[i]), 80);
        text_append_c(error, "\", or where is its value?");
        return false;
    }
    return find_kind(out, error);
}

static bool take_word(struct slice *rest, char out[256])
{
    size_t len = 0;
    while (rest->len > 0 && (unsigned char)rest->at[0] <= ' ')
        *rest = slice_after(*rest, 1);
    while (len < rest->len && (unsigned char)rest->at[len] > ' ')
        len++;
    if (len == 0 || len > 255)
        return false;
    memcpy(out, rest->at, len);
    out[len] = '\0';
    *rest = slice_after(*rest, len);
    return true;
}

static bool read_demo(struct test_options *options, const char *path)
{
    char storage[DEMO_MAX];
    struct text file = text_over(storage, sizeof(storage));
    if (file_read(AT_FDCWD, path, &file) < 0)
        return false;
    struct slice rest = text_slice(&file);
    bool good = take_word(&rest, options->words[0]) && take_word(&rest, options->words[1]);
    if (good) {
        options->user = options->words[0];
        options->password = options->words[1];
    }
    explicit_bzero(storage, sizeof(storage));
    return good;
}

static void find_demo(struct test_options *options, const struct place *place)
{
    static const char *const names[] = {"/demo", "/../demo"};
    for (size_t i = 0; i < COUNT_OF(names) && !options->user; i++) {
        char path[PLACE_PATH_MAX + 16];
        snprintf(path, sizeof(path), "%s%s", place->data, names[i]);
        (void)read_demo(options, path);
    }
}

static bool ask_password(struct test_options *options, struct text *error)
{
    struct text secret = text_over(options->asked, sizeof(options->asked) - 1);
    if (!terminal_read_secret("Password", &secret)) {
        text_append_c(error, "test: there is no password on standard input");
        return false;
    }
    options->asked[secret.len] = '\0';
    options->password = options->asked;
    return true;
}

bool test_options_complete(struct test_options *options, const struct place *place,
                           struct text *error)
{
    if (options->demo && !read_demo(options, options->demo)) {
        text_append_format(error, "test: %s: no user and password in it", options->demo);
        return false;
    }
    if (!options->user)
        find_demo(options, place);
    if (options->user && (!options->password || strcmp(options->password, "-") == 0))
        return ask_password(options, error);
    return true;
}
