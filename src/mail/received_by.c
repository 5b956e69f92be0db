/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/received_by.h"

#include <string.h>

static const uint32_t BY = UINT32_C(1) << RECEIVED_BY_NAMES_MAX;

static bool ends_word(char c)
{
    return strchr(" \t\r\n();,\"", c) != NULL; /* NUL too: it is part of no name */
}

static bool continues(struct slice name, size_t at, char c)
{
    return at < name.len && ascii_lower(name.at[at]) == ascii_lower(c);
}

static void take_letter(struct received_by *r, const struct slice *names, size_t count, char c)
{
    uint32_t fits = continues(SLICE("by"), r->word_len, c) ? BY : 0;
    for (size_t i = 0; i < count && i < RECEIVED_BY_NAMES_MAX; i++)
        fits |= continues(names[i], r->word_len, c) ? UINT32_C(1) << i : 0;
    r->candidates = r->word_len ? r->candidates & fits : fits;
    r->word_len += r->word_len < UINT32_MAX;
}

/* A word is what it began like if it is as long; the word behind "by" is the host. */
static void end_word(struct received_by *r, const struct slice *names, size_t count)
{
    if (r->word_len == 0)
        return;
    for (size_t i = 0; r->names_host && i < count && i < RECEIVED_BY_NAMES_MAX; i++)
        r->found |= r->candidates >> i & 1 && names[i].len == r->word_len;
    r->names_host = (r->candidates & BY) && r->word_len == SLICE("by").len;
    r->word_len = 0;
}

/* Within a comment or a quoted string: nothing of it is a word. */
static void step_over(struct received_by *r, char c)
{
    if (r->escaped)
        r->escaped = false;
    else if (c == '\\')
        r->escaped = true;
    else if (r->quoted)
        r->quoted = c != '"';
    else if (c == '(')
        r->depth += r->depth < UINT32_MAX;
    else if (c == ')')
        r->depth--;
}

void received_by_take(struct received_by *r, const struct slice *names, size_t count,
                      struct slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        char c = piece.at[i];
        if (r->quoted || r->depth) {
            step_over(r, c);
        } else if (!ends_word(c)) {
            take_letter(r, names, count, c);
        } else {
            end_word(r, names, count);
            r->quoted = c == '"';
            r->depth = c == '(';
        }
    }
}

bool received_by_end(struct received_by *r, const struct slice *names, size_t count)
{
    end_word(r, names, count);
    bool found = r->found;
    *r = (struct received_by){0};
    return found;
}
