/* SPDX-License-Identifier: Apache-2.0 */
/* lexer - the bytes of a script as tokens, one at a time.
 *
 * What a byte means depends on where it stands, so whoever asks says which mode holds: in an
 * expression `a.b` is a name, a point and a name; as an argument of a command it is one word. A
 * lexer is a value: to read the same place in the other mode, copy it beforehand.
 *
 * What pasting does to a text is repaired on the way (shell/paste). Decoded texts live in the arena
 * of the caller; all others point into the source. What is wrong comes as TOKEN_WRONG, once and for
 * all, with `complaint` saying why.
 */
#ifndef SHELL_LEXER_H
#define SHELL_LEXER_H

#include "base/arena.h"
#include "base/slice.h"

enum token_kind {
    TOKEN_END,
    TOKEN_LINE, /* the end of a line, or ; */
    TOKEN_INTEGER,
    TOKEN_REAL,
    TOKEN_TEXT,       /* text: decoded */
    TOKEN_EXPANDABLE, /* text: what stands between the quotes, still to be expanded */
    TOKEN_VARIABLE,   /* text: the name */
    TOKEN_SPLAT,      /* text: the name */
    TOKEN_WORD,
    TOKEN_PARAMETER, /* text: the name; ends_in_colon */
    TOKEN_OPERATOR,  /* text: "-eq" without its dash */
    TOKEN_SYMBOL,    /* text: ( ) { } [ ] , | . :: = += ... */
    TOKEN_WRONG
};

enum lexer_mode { LEXER_EXPRESSION, LEXER_ARGUMENT };

struct token {
    enum token_kind kind;
    size_t at, end; /* in the source */
    struct slice text;
    int64_t integer;
    double real;
    bool blank_before, ends_in_colon, here; /* here: of a here-string, where " needs no escape */
};

struct lexer {
    struct slice source; /* up to where this lexer may read */
    size_t at;
    bool line_begins;
    struct arena *arena;
    const char *complaint; /* of TOKEN_WRONG */
    bool incomplete;       /* more input could mend it */
};

struct lexer lexer_over(struct slice source, size_t at, struct arena *arena);
void lexer_next(struct lexer *lexer, enum lexer_mode mode, struct token *out);
bool token_is(const struct token *token, const char *symbol);

/* --- for the parts of the lexer and for expandable texts --- */
struct slice lexer_rest(const struct lexer *lexer);
void lexer_wrong(struct lexer *lexer, struct token *out, const char *complaint);
void lexer_quoted(struct lexer *lexer, char quote, struct token *out);
void lexer_here(struct lexer *lexer, char quote, struct token *out);
void lexer_number(struct lexer *lexer, struct token *out);
/* The whole word that begins here, as an argument, also when it begins with $. */
void lexer_word(struct lexer *lexer, struct token *out);
/* A number and nothing behind it, as a word of a command line is one; 0012 is none. */
bool lexer_word_is_number(struct token *word);
/* $name or ${any name}, at its $; false when it is something else. */
bool lexer_variable(struct lexer *lexer, struct token *out);
/* From behind "$(" to behind the matching ")". */
bool lexer_skip_subexpression(struct lexer *lexer, size_t depth);
bool lexer_is_name_byte(char byte);
size_t lexer_name_length(struct slice rest);

#endif
