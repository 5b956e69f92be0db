/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/shell_command.h"

#include "operations/operation.h"
#include "os/descriptor.h"
#include "programs/postern/shell_talk.h"
#include "programs/postern/shell_world.h"
#include "programs/postern/terminal.h"
#include "shell/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPT_MAX = 8 << 20, MEMORY_MAX = 512 << 20, PIECE_BYTES = 65536 };
static const uint64_t steps_max = 200000000;

const char shell_usage[] =
    "usage: postern shell [-o FORM] [-c TEXT | FILE [ARGUMENT ...] | -]\n"
    "\n"
    "Runs recipes of Exchange's Management Shell as they are: variables, pipelines, if, foreach,\n"
    "functions, try and catch; every cmdlet of the server, and those that filter, sort, show and\n"
    "save objects. `postern shell -c Get-Help` lists them. Without TEXT and FILE it reads "
    "standard\n"
    "input. -o: what it gives as table, list, json, jsonl, csv or name, and nothing else on\n"
    "standard output. Exit: 0, or the code of the last error.\n";

static int run_text(struct shell *shell, struct slice text)
{
    shell_run(shell, text, false);
    return shell_exit_code(shell);
}

static int run_file(struct shell *shell, const char *path, const char *const *words, size_t count)
{
    struct text text = text_with_ceiling(SCRIPT_MAX);
    int result = file_read(AT_FDCWD, path, &text);
    if (result < 0)
        fprintf(stderr, "postern: %s: %s\n", path, strerror(-result));
    if (result == 0)
        shell_run_script(shell, text_slice(&text), words, count);
    text_deinit(&text);
    return result < 0 ? OPERATION_NOT_FOUND : shell_exit_code(shell);
}

static int read_input(struct text *text)
{
    char piece[PIECE_BYTES];
    for (;;) {
        ssize_t got = read(STDIN_FILENO, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        if (!text_append(text, slice_bytes(piece, (size_t)got)))
            return -EFBIG;
    }
}

static int run_input(struct shell *shell)
{
    struct text text = text_with_ceiling(SCRIPT_MAX);
    int result = read_input(&text);
    if (result < 0)
        fprintf(stderr, "postern: standard input: %s\n", strerror(-result));
    int exit_code = result < 0 ? OPERATION_FAILED : run_text(shell, text_slice(&text));
    text_deinit(&text);
    return exit_code;
}

static int run_words(struct shell *shell, const struct place *place, const char *const *words,
                     size_t count)
{
    if (count == 2 && strcmp(words[0], "-c") == 0)
        return run_text(shell, slice_of(words[1]));
    if (count > 0 && words[0][0] != '-')
        return run_file(shell, words[0], words + 1, count - 1);
    if (count == 0 || (count == 1 && strcmp(words[0], "-") == 0))
        return count == 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)
                   ? shell_talk(shell, place)
                   : run_input(shell);
    fputs(shell_usage, stderr);
    return OPERATION_USAGE;
}

static bool take_form(const char *const **words, size_t *count, enum format_kind *out_form)
{
    *out_form = FORMAT_DEFAULT;
    if (*count == 0 || strcmp((*words)[0], "-o") != 0)
        return true;
    bool known = *count > 1 && format_kind_parse(slice_of((*words)[1]), out_form) &&
                 *out_form != FORMAT_WIDE;
    if (!known) {
        fputs("postern: shell -o takes table, list, json, jsonl, csv or name\n", stderr);
        return false;
    }
    *words += 2;
    *count -= 2;
    return true;
}

int shell_command_run(const struct place *place, const char *const *words, size_t count)
{
    struct world world = shell_world(place);
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = steps_max};
    if (!take_form(&words, &count, &world.form))
        return OPERATION_USAGE;
    struct shell *shell = shell_new(&world, &limits);
    if (!shell) {
        fprintf(stderr, "postern: no memory\n");
        return OPERATION_FAILED;
    }
    int exit_code = run_words(shell, place, words, count);
    shell_end(shell);
    shell_free(shell);
    return exit_code;
}
