/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

size_t terminal_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col;
}

bool terminal_can_ask(void)
{
    return isatty(STDIN_FILENO);
}

static bool read_line(struct text *out)
{
    for (;;) {
        char byte;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return out->len > 0;
        if (byte == '\n')
            break;
        if (!text_append_byte(out, byte))
            return false;
    }
    if (out->len > 0 && out->at[out->len - 1] == '\r')
        out->len--;
    return true;
}

static enum terminal_answer read_answer(void)
{
    static const struct {
        struct slice letter, words;
        enum terminal_answer answer;
    } answers[] = {
        {SLICE_INIT("y"), SLICE_INIT("yes"), TERMINAL_YES},
        {SLICE_INIT("a"), SLICE_INIT("yes to all"), TERMINAL_YES_TO_ALL},
        {SLICE_INIT("l"), SLICE_INIT("no to all"), TERMINAL_NO_TO_ALL},
    };
    char storage[64];
    struct text line = text_over(storage, sizeof(storage));
    if (!read_line(&line))
        return TERMINAL_NO;
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        if (slice_equal_nocase(text_slice(&line), answers[i].letter) ||
            slice_equal_nocase(text_slice(&line), answers[i].words))
            return answers[i].answer;
    return TERMINAL_NO;
}

bool terminal_confirm(const char *question)
{
    fprintf(stderr, "%s [y/N] ", question);
    return read_answer() == TERMINAL_YES;
}

enum terminal_answer terminal_confirm_many(const char *question)
{
    fprintf(stderr,
            "%s\n[Y] Yes  [A] Yes to All  [N] No  [L] No to All (default is \"N\"): ", question);
    return read_answer();
}

bool terminal_read_answer(const char *prompt, struct text *out)
{
    if (isatty(STDIN_FILENO))
        fprintf(stderr, *prompt && prompt[strlen(prompt) - 1] == '>' ? "%s " : "%s: ", prompt);
    return read_line(out);
}

bool terminal_read_secret(const char *prompt, struct text *out)
{
    struct termios shown;
    bool hide = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (hide) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fprintf(stderr, "%s: ", prompt);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool good = read_line(out);
    if (hide) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    return good;
}
