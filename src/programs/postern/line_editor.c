/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/line_editor.h"

#include "shell/value.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

enum { REMEMBERED = 1000, WORD_MAX = 1024, COLUMNS_DEFAULT = 80, SHOWN_MAX = 100 };

struct line_editor {
    EditLine *edit;
    History *history;
    HistEvent event;
    const struct completion_source *source;
    const char *prompt;
    char path[PATH_MAX]; /* of the history; empty: nowhere */
};

static struct line_editor *editor_of(EditLine *edit)
{
    void *editor = NULL;
    el_get(edit, EL_CLIENTDATA, &editor);
    return editor;
}

static char *prompt_of(EditLine *edit)
{
    static char prompt[64];
    snprintf(prompt, sizeof prompt, "%s", editor_of(edit)->prompt);
    return prompt;
}

/* --- Tab --- */

static void insert(EditLine *edit, struct slice word, bool whole)
{
    char written[WORD_MAX];
    if (word.len + 2 > sizeof written)
        return;
    snprintf(written, sizeof written, "%.*s%s", SLICE_ARG(word), whole ? " " : "");
    el_insertstr(edit, written);
}

static void show(const struct completion *completion)
{
    struct slice rest = text_slice(&completion->words), word;
    size_t widest = 0, column = 0, shown = 0;
    while (slice_take_field(&rest, '\n', &word) && word.len)
        widest = word.len > widest ? word.len : widest;
    printf("\n");
    rest = text_slice(&completion->words);
    while (slice_take_field(&rest, '\n', &word) && word.len && shown++ < SHOWN_MAX) {
        if (column && column + widest > COLUMNS_DEFAULT) {
            printf("\n");
            column = 0;
        }
        printf("%-*.*s  ", (int)widest, SLICE_ARG(word));
        column += widest + 2;
    }
    if (completion->count > SHOWN_MAX)
        printf("... %zu in all", completion->count);
    printf("\n");
    fflush(stdout);
}

static unsigned char on_tab(EditLine *edit, int key)
{
    const LineInfo *info = el_line(edit);
    struct slice line = {info->buffer, (size_t)(info->cursor - info->buffer)};
    struct completion completion;
    unsigned char outcome = CC_REFRESH;
    (void)key;
    completion_find(line, editor_of(edit)->source, &completion);
    size_t written = line.len - completion.start;
    struct slice common = completion_common(&completion);
    if (completion.count == 0) {
        outcome = CC_REFRESH_BEEP;
    } else if (completion.count == 1 || common.len > written) {
        el_deletestr(edit, (int)written);
        insert(edit, common, completion.count == 1);
    } else {
        show(&completion);
        outcome = CC_REDISPLAY;
    }
    completion_deinit(&completion);
    return outcome;
}

/* --- the history --- */

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
}

static void find_history(struct line_editor *editor)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int len = -1;
    if (state && state[0] == '/')
        len = snprintf(editor->path, sizeof editor->path, "%s/postern/history", state);
    else if (home && home[0] == '/')
        len = snprintf(editor->path, sizeof editor->path, "%s/.local/state/postern/history", home);
    if (len < 0 || (size_t)len >= sizeof editor->path)
        editor->path[0] = '\0';
    if (editor->path[0])
        history(editor->history, &editor->event, H_LOAD, editor->path);
}

static void save_history(struct line_editor *editor)
{
    if (!editor->path[0])
        return;
    make_folders(editor->path);
    mode_t before = umask(0077);
    history(editor->history, &editor->event, H_SAVE, editor->path);
    umask(before);
}

/* The words by which a password comes into a command. */
static bool may_hold_secret(struct slice command)
{
    static const struct slice words[] = {SLICE_INIT("assw"), SLICE_INIT("ecure"),
                                         SLICE_INIT("redential")};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_contains(command, words[i]))
            return true;
    return false;
}

void line_editor_remember(struct line_editor *editor, struct slice command)
{
    char *copy = may_hold_secret(command) ? NULL : strndup(command.at, command.len);
    if (copy && slice_trim(command).len)
        history(editor->history, &editor->event, H_ENTER, copy);
    free(copy);
}

/* --- keys --- */

static void on_interrupt(int number)
{
    (void)number; /* it is enough that the waiting ends */
}

/* Ctrl-C is heard here and at no other moment, so that none gets lost; it comes before the keys
 * that were pressed behind it. */
static int wait_for_key(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    struct timespec at_once = {0};
    sigset_t open;
    sigprocmask(SIG_BLOCK, NULL, &open);
    sigdelset(&open, SIGINT);
    int heard = ppoll(NULL, 0, &at_once, &open);
    return heard < 0 ? heard : ppoll(&input, 1, NULL, &open);
}

/* One character; 0 at the end of the input, -1 with errno EINTR for Ctrl-C. */
static int read_key(EditLine *edit, wchar_t *out)
{
    mbstate_t state = {0};
    (void)edit;
    for (;;) {
        char byte;
        if (wait_for_key() < 0)
            return -1;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got <= 0)
            return got < 0 ? -1 : 0;
        size_t used = mbrtowc(out, &byte, 1, &state);
        if (used <= 1)
            return 1;
        if (used == (size_t)-1) /* no character of this language: it is left out */
            state = (mbstate_t){0};
    }
}

/* --- life --- */

static void hear_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigset_t interrupt;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, NULL);
}

static void set_up(struct line_editor *editor)
{
    hear_interrupts();
    if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8"); /* recipes hold typographic quotes */
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_PROMPT, prompt_of);
    el_set(editor->edit, EL_GETCFN, read_key);
    el_set(editor->edit, EL_EDITOR, "emacs");
    el_set(editor->edit, EL_HIST, history, editor->history);
    el_set(editor->edit, EL_ADDFN, "complete", "what this word may become", on_tab);
    el_set(editor->edit, EL_BIND, "\t", "complete", NULL);
    el_set(editor->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    history(editor->history, &editor->event, H_SETSIZE, (int)REMEMBERED);
    history(editor->history, &editor->event, H_SETUNIQUE, 1);
}

struct line_editor *line_editor_new(const struct completion_source *source)
{
    struct line_editor *editor = calloc(1, sizeof *editor);
    if (!editor)
        return NULL;
    editor->source = source;
    editor->prompt = "";
    editor->history = history_init();
    editor->edit = editor->history ? el_init("postern", stdin, stdout, stderr) : NULL;
    if (!editor->edit) {
        line_editor_free(editor);
        return NULL;
    }
    set_up(editor);
    find_history(editor);
    return editor;
}

void line_editor_free(struct line_editor *editor)
{
    if (!editor)
        return;
    if (editor->edit)
        save_history(editor);
    if (editor->edit)
        el_end(editor->edit);
    if (editor->history)
        history_end(editor->history);
    free(editor);
}

enum line_editor_outcome line_editor_read(struct line_editor *editor, const char *prompt,
                                          struct text *out)
{
    int len = 0;
    editor->prompt = prompt;
    el_set(editor->edit, EL_PREP_TERM, 1); /* before the prompt: it says that keys are heard */
    errno = 0;
    const char *line = el_gets(editor->edit, &len);
    if (!line || len <= 0) {
        printf("\n");
        return errno == EINTR ? LINE_EDITOR_CANCELLED : LINE_EDITOR_END;
    }
    struct slice written = {line, (size_t)len};
    while (written.len &&
           (written.at[written.len - 1] == '\n' || written.at[written.len - 1] == '\r'))
        written.len--;
    text_append(out, written);
    return LINE_EDITOR_LINE;
}
