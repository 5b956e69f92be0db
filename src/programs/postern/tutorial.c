/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/tutorial.h"

#include "base/ip.h"
#include "os/descriptor.h"
#include "programs/postern/command.h"
#include "programs/postern/smtp_client.h"
#include "programs/postern/target.h"
#include "programs/postern/terminal.h"
#include "programs/postern/tutorial_files.h"
#include "shell/value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char tutorial_usage[] =
    "usage: postern tutorial certificate-warning [--yes]\n"
    "Plays a problem and its solution through on a server made for trying (./dev run), and puts\n"
    "everything back at the end. --yes does not wait for Enter between the steps.\n";

enum {
    OUTPUT_MAX = 1 << 20,
    LINE_MAX_BYTES = 4096,
    WORDS_MAX = 24,
    WITHIN_S = 60, /* one command */
    TEXT_COLUMNS = 96,
};

struct playing {
    const struct place *place;
    struct tutorial_files files;
    struct ip_endpoint endpoint; /* of the connector of the clients */
    bool waits;
    unsigned step, failed;
};

/* --- running what an administrator would type --- */

/* Splits at blanks; "a b" and 'a b' are one word. Words point into `line`, which is cut up. */
static size_t split(char *line, const char *words[WORDS_MAX])
{
    size_t count = 0;
    while (*line && count < WORDS_MAX - 1) {
        while (*line == ' ')
            line++;
        if (!*line)
            break;
        char end = *line == '"' || *line == '\'' ? *line++ : ' ';
        words[count++] = line;
        while (*line && *line != end)
            line++;
        if (*line)
            *line++ = '\0';
    }
    words[count] = NULL;
    return count;
}

static void become(const struct place *place, const char *const *words, size_t count, int out_fd,
                   int in_fd)
{
    const char *arguments[WORDS_MAX + 8] = {"postern", "--data", place->data, "--socket",
                                            place->socket};
    for (size_t i = 0; i < count; i++)
        arguments[5 + i] = words[i];
    dup2(in_fd, STDIN_FILENO);
    dup2(out_fd, STDOUT_FILENO);
    dup2(out_fd, STDERR_FILENO);
    alarm(WITHIN_S);
    execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void collect(int fd, struct text *output)
{
    char piece[4096];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0)
            text_append(output, slice_bytes(piece, (size_t)got));
}

/* The exit code, or -errno. Standard input is the password of the files, for who asks. */
static int run_self(const struct place *place, const char *const *words, size_t count,
                    struct text *output)
{
    int out[2] = {-1, -1}, in[2] = {-1, -1}, status = 0;
    pid_t child = -1;
    fflush(stdout);
    if (pipe2(out, O_CLOEXEC) == 0 && pipe2(in, O_CLOEXEC) == 0)
        child = fork();
    if (child == 0)
        become(place, words, count, out[1], in[0]);
    int result = child < 0 ? -errno : fd_write_all(in[1], SLICE("tutorial\n"));
    close_fd(&in[0]);
    close_fd(&in[1]);
    close_fd(&out[1]);
    if (child > 0)
        collect(out[0], output);
    close_fd(&out[0]);
    if (child > 0 && waitpid(child, &status, 0) < 0)
        result = -errno;
    return result < 0 ? result : WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static int run_words(struct playing *playing, char *line, struct text *output)
{
    const char *words[WORDS_MAX];
    size_t count = split(line, words);
    return run_self(playing->place, words, count, output);
}

static int run_shell(struct playing *playing, char *lines, struct text *output)
{
    const char *const words[] = {"shell", "-c", lines};
    return run_self(playing->place, words, COUNT_OF(words), output);
}

/* A conversation in clear, as the transcript shows it. */
static int say(struct playing *playing, char *lines, struct text *output)
{
    struct smtp_client client;
    struct slice rest = slice_of(lines), line;
    smtp_client_init(&client);
    bool good = smtp_client_connect(&client, playing->endpoint) && smtp_client_read_reply(&client);
    while (good && slice_take_field(&rest, '\n', &line))
        good = smtp_client_command(&client, line, NULL);
    text_append(output, text_slice(&client.transcript));
    text_append(output, text_slice(&client.failure));
    smtp_client_deinit(&client);
    return good ? 0 : 1;
}

/* --- showing and checking --- */

static void print_wrapped(const char *written)
{
    struct slice rest = slice_of(written), word;
    size_t column = 0;
    while (slice_take_word(&rest, &word)) {
        if (column && column + 1 + word.len > TEXT_COLUMNS) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column ? " " : "", SLICE_ARG(word));
    }
    putchar('\n');
}

static void print_lines(struct slice text, const char *before)
{
    struct slice line;
    while (text.len && slice_take_field(&text, '\n', &line))
        printf("%s%.*s\n", before, SLICE_ARG(line));
}

static bool shows(struct slice output, const char *wanted, const struct tutorial_files *files)
{
    char storage[LINE_MAX_BYTES];
    struct text filled = text_over(storage, sizeof storage);
    bool absent = wanted[0] == '!';
    tutorial_files_fill(files, wanted + absent, &filled);
    return slice_contains(output, text_slice(&filled)) != absent;
}

static bool check(struct playing *playing, const struct tutorial_action *action, int exit,
                  struct slice output)
{
    bool good = exit == action->exit;
    if (!good)
        printf("    NOT AS IT SHOULD BE: exit code %d instead of %d\n", exit, action->exit);
    for (size_t i = 0; i < TUTORIAL_SHOWS_MAX && action->shows[i]; i++) {
        if (shows(output, action->shows[i], &playing->files))
            continue;
        printf("    NOT AS IT SHOULD BE: %s \"%s\"\n",
               action->shows[i][0] == '!' ? "it shows" : "it does not show", action->shows[i]);
        good = false;
    }
    return good;
}

static int act(struct playing *playing, const struct tutorial_action *action, struct text *output)
{
    static int (*const run[])(struct playing *, char *, struct text *) = {
        [TUTORIAL_POSTERN] = run_words, [TUTORIAL_SHELL] = run_shell, [TUTORIAL_SAY] = say};
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    tutorial_files_fill(&playing->files, action->text, &line);
    char *typed = text_c_string(&line) ? storage : NULL;
    return typed ? run[action->kind](playing, typed, output) : -EMSGSIZE;
}

static void print_typed(const struct playing *playing, const struct tutorial_action *action)
{
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    tutorial_files_fill(&playing->files, action->text, &line);
    if (action->kind == TUTORIAL_SAY) /* the transcript shows it */
        return;
    printf("\n");
    print_lines(text_slice(&line), action->kind == TUTORIAL_SHELL ? "[PS] C:\\> " : "$ postern ");
}

static bool play_action(struct playing *playing, const struct tutorial_action *action)
{
    struct text output = text_with_ceiling(OUTPUT_MAX);
    print_typed(playing, action);
    int exit = act(playing, action, &output);
    print_lines(text_slice(&output), "    ");
    bool good = check(playing, action, exit, text_slice(&output));
    text_deinit(&output);
    return good;
}

static void wait_for_enter(const struct playing *playing)
{
    char line[256];
    if (!playing->waits)
        return;
    printf("\n-- Enter goes on --");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        putchar('\n');
}

static void play_step(struct playing *playing, const struct tutorial_step *step)
{
    bool good = true;
    printf("\n=== %u  %s\n\n", playing->step++, step->title);
    print_wrapped(step->text);
    for (const struct tutorial_action *action = step->actions; action->text; action++)
        good = play_action(playing, action) && good;
    playing->failed += !good;
    printf("\n%s\n", good ? "(as it should be)" : "(NOT as it should be)");
    wait_for_enter(playing);
}

/* --- beginning and end --- */

static void put_back(struct playing *playing, const struct tutorial *tutorial)
{
    for (const struct tutorial_action *action = tutorial->put_back; action->text; action++) {
        struct text output = text_with_ceiling(OUTPUT_MAX);
        (void)act(playing, action, &output);
        text_deinit(&output);
    }
}

/* A tutorial changes what clients see: it runs where there are none but us. */
static int find_server(struct playing *playing, struct text *server)
{
    struct target target;
    int result = target_find(playing->place, NULL, NULL, &target);
    if (result != OPERATION_OK)
        return result;
    struct slice identity = value_text(target.explained, "Identity"), name;
    playing->endpoint = target.endpoint;
    bool loopback = true;
    size_t index;
    json_t *binding;
    json_array_foreach(value_at(target.explained, "Bindings"), index, binding)
    {
        struct ip_endpoint bound;
        loopback = loopback && ip_endpoint_parse(slice_of(json_string_value(binding)), &bound) &&
                   ip_is_loopback(bound.address);
    }
    if (slice_take_until(&identity, '\\', &name))
        text_append(server, name);
    target_deinit(&target);
    if (loopback && server->len)
        return OPERATION_OK;
    fprintf(stderr, "postern: the tutorial changes certificates, so it runs only on a server whose "
                    "Client Frontend listens on loopback\n    fix: ./dev run, and in another "
                    "terminal: build/postern --data build/run/data tutorial certificate-warning\n");
    return OPERATION_DENIED;
}

static int play(struct playing *playing, const struct tutorial *tutorial)
{
    print_wrapped(tutorial->about);
    for (const struct tutorial_step *step = tutorial->steps; step->title; step++)
        play_step(playing, step);
    put_back(playing, tutorial);
    printf("\n%u steps, %u not as they should be. Everything is put back.\n", playing->step,
           playing->failed);
    return playing->failed ? OPERATION_FAILED : OPERATION_OK;
}

int tutorial_run(const struct place *place, const char *const *words, size_t count)
{
    struct playing playing = {.place = place, .waits = terminal_can_ask()};
    bool known = count >= 1 && strcmp(words[0], tutorial_certificate_warning.name) == 0;
    bool yes = count == 2 && strcmp(words[1], "--yes") == 0;
    if (!known || count > 2 || (count == 2 && !yes)) {
        fputs(tutorial_usage, stderr);
        return OPERATION_USAGE;
    }
    char server_storage[256], error_storage[LINE_MAX_BYTES];
    struct text server = text_over(server_storage, sizeof server_storage);
    struct text error = text_over(error_storage, sizeof error_storage);
    playing.waits = playing.waits && !yes;
    int result = find_server(&playing, &server);
    if (result != OPERATION_OK)
        return result;
    if (tutorial_files_make(place, text_slice(&server), &playing.files, &error)) {
        result = play(&playing, &tutorial_certificate_warning);
    } else {
        fprintf(stderr, "postern: %.*s\n", SLICE_ARG(text_slice(&error)));
        result = OPERATION_FAILED;
    }
    tutorial_files_deinit(&playing.files);
    return result;
}
