/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/send_witness.h"

#include "smtp/loggable.h"
#include "smtp/send_step.h"

#include <string.h>

enum {
    CHALLENGE = 334,
    LINE_MAX_BYTES = SEND_COMMAND_MAX + 64,
    REPEATED_MIN = 8, /* bytes in common are no chance */
};

static const struct slice mask = SLICE_INIT("<authentication response>");

/* --- what we say --- */

void send_tell(const struct send_session *s, const char *verb, struct slice argument)
{
    const struct send_witness *witness = s->policy->witness;
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    if (!witness || !*verb)
        return;
    text_append_c(&line, verb);
    text_append_c(&line, argument.len ? " " : "");
    text_append(&line, slice_first(argument, SEND_COMMAND_MAX));
    witness->said(witness->context, text_slice(&line));
}

void send_tell_login(const struct send_session *s, bool has_message)
{
    const struct send_witness *witness = s->policy->witness;
    char storage[LINE_MAX_BYTES];
    struct text line = text_over(storage, sizeof storage);
    if (!witness)
        return;
    if (!s->login.begun) {
        text_append_c(&line, "AUTH ");
        text_append(&line, s->policy->mechanisms[s->login.mechanism]);
        text_append_c(&line, has_message ? " " : "");
    }
    if (has_message)
        text_append(&line, mask);
    witness->said(witness->context, text_slice(&line));
}

/* --- what the server says --- */

static bool is_base64(char c)
{
    return ascii_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* Our message, whole or cut off somewhere. */
static bool repeats(struct slice word, struct slice said)
{
    size_t same = 0;
    while (same < word.len && same < said.len && word.at[same] == said.at[same])
        same++;
    return same >= REPEATED_MIN || (same == said.len && same == word.len);
}

static struct slice take_run(struct slice *rest, bool base64)
{
    size_t len = 0;
    while (len < rest->len && is_base64(rest->at[len]) == base64)
        len++;
    struct slice run = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return run;
}

/* Some servers repeat the command they refuse, with the password in it; and what a server says is
 * shown wherever mail is seen to wait. */
static void mask_repeated(struct text *reply, struct slice said)
{
    CLEANUP(text_deinit) struct text shown = text_with_ceiling(SEND_INPUT_MAX);
    struct slice rest = text_slice(reply);
    while (rest.len) {
        struct slice word = take_run(&rest, true);
        text_append(&shown, word.len && repeats(word, said) ? mask : word);
        text_append(&shown, take_run(&rest, false));
    }
    text_clear(reply);
    text_append(reply, text_slice(&shown));
}

static void append_reply(struct text *line, const struct client_reply *reply)
{
    struct slice rest = text_slice(&reply->text), words;
    text_append_u64(line, reply->code);
    while (slice_take_until(&rest, '\n', &words)) {
        text_append_byte(line, ' ');
        text_append(line, reply->code == CHALLENGE ? mask : words);
    }
}

void send_hear(struct send_session *s)
{
    const struct send_witness *witness = s->policy->witness;
    if (s->login.said_len) {
        if (send_refused(s))
            mask_repeated(&s->reply.text, slice_bytes(s->login.said, s->login.said_len));
        explicit_bzero(s->login.said, sizeof s->login.said);
        s->login.said_len = 0;
    }
    if (!witness)
        return;
    CLEANUP(text_deinit) struct text line = text_with_ceiling(2 * SEND_INPUT_MAX);
    append_reply(&line, &s->reply);
    witness->heard(witness->context, text_slice(&line));
}
