/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/lexer.h"

#include "base/attributes.h"
#include "shell/paste.h"

struct lexer lexer_over(struct slice source, size_t at, struct arena *arena)
{
    return (struct lexer){.source = source, .at = at, .line_begins = at == 0, .arena = arena};
}

struct slice lexer_rest(const struct lexer *lexer)
{
    return slice_after(lexer->source, lexer->at);
}

bool token_is(const struct token *token, const char *symbol)
{
    return token->kind == TOKEN_SYMBOL && slice_equal(token->text, slice_of(symbol));
}

void lexer_wrong(struct lexer *lexer, struct token *out, const char *complaint)
{
    lexer->complaint = complaint;
    out->kind = TOKEN_WRONG;
    out->end = lexer->at;
}

bool lexer_is_name_byte(char byte)
{
    return ascii_is_alnum(byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

/* --- what lies between tokens --- */

static void skip_to_line_end(struct lexer *lexer)
{
    size_t end;
    struct slice rest = lexer_rest(lexer);
    lexer->at += slice_find(rest, '\n', &end) ? end : rest.len;
}

static bool skip_block_comment(struct lexer *lexer, struct token *out)
{
    struct slice rest = slice_after(lexer_rest(lexer), 2);
    for (size_t i = 0; i + 1 < rest.len; i++) {
        if (rest.at[i] != '#' || rest.at[i + 1] != '>')
            continue;
        lexer->at += i + 4;
        return true;
    }
    lexer->at = lexer->source.len;
    lexer->incomplete = true;
    lexer_wrong(lexer, out, "the comment <# has no end #>");
    return false;
}

/* A back-tick at the end of a line, also with blanks that a page left behind it. */
static size_t continuation(struct slice rest)
{
    size_t i = 1, blank;
    if (rest.len == 0 || rest.at[0] != '`')
        return 0;
    while ((blank = paste_blank(slice_after(rest, i))) > 0)
        i += blank;
    return i < rest.len && rest.at[i] == '\n' ? i + 1 : 0;
}

static size_t skippable(struct lexer *lexer, struct slice rest)
{
    size_t len = paste_blank(rest);
    if (len > 0)
        return len;
    len = continuation(rest);
    if (len > 0)
        lexer->line_begins = true;
    else if (lexer->line_begins)
        len = paste_prompt(rest);
    return len;
}

/* False: a comment without an end. */
static bool skip_between(struct lexer *lexer, struct token *out)
{
    size_t begin = lexer->at;
    for (;;) {
        struct slice rest = lexer_rest(lexer);
        size_t len = skippable(lexer, rest);
        if (len > 0)
            lexer->at += len;
        else if (rest.len > 0 && rest.at[0] == '#')
            skip_to_line_end(lexer);
        else if (!slice_starts(rest, SLICE("<#")))
            break;
        else if (!skip_block_comment(lexer, out))
            return false;
    }
    out->blank_before = lexer->at > begin || begin == 0;
    return true;
}

/* --- tokens --- */

static void take(struct lexer *lexer, size_t len, enum token_kind kind, struct token *out)
{
    out->kind = kind;
    out->text = slice_first(lexer_rest(lexer), len);
    lexer->at += len;
}

static bool take_symbol(struct lexer *lexer, struct token *out)
{
    static const char *const symbols[] = {"@(", "@{", "$(", "..", "::", "&&", "||", "+=", "-=",
                                          "*=", "/=", "%=", "++", "--", "(",  ")",  "{",  "}",
                                          "[",  "]",  ",",  "|",  ".",  "=",  "+",  "-",  "*",
                                          "/",  "%",  "!",  "&",  ":",  "?"};
    for (size_t i = 0; i < COUNT_OF(symbols); i++) {
        struct slice symbol = slice_of(symbols[i]);
        if (!slice_starts(lexer_rest(lexer), symbol))
            continue;
        take(lexer, symbol.len, TOKEN_SYMBOL, out);
        return true;
    }
    return false;
}

/* A dash of any length: before letters an operator, else minus. */
static bool take_dash_expression(struct lexer *lexer, struct token *out)
{
    size_t dash = paste_dash(lexer_rest(lexer));
    if (dash == 0)
        return false;
    struct slice behind = slice_after(lexer_rest(lexer), dash);
    if (behind.len > 0 && ascii_is_alpha(behind.at[0])) {
        lexer->at += dash;
        take(lexer, lexer_name_length(behind), TOKEN_OPERATOR, out);
        return true;
    }
    if (dash == 1)
        return take_symbol(lexer, out);
    lexer->at += dash;
    out->kind = TOKEN_SYMBOL;
    out->text = SLICE("-");
    return true;
}

/* $x.1 is a property, .1 a number. */
static bool follows_operand(const struct lexer *lexer)
{
    char before = lexer->at > 0 ? lexer->source.at[lexer->at - 1] : ' ';
    return lexer_is_name_byte(before) || before == ')' || before == ']' || before == '}';
}

static void take_expression(struct lexer *lexer, struct token *out)
{
    struct slice rest = lexer_rest(lexer);
    bool point_number =
        rest.len > 1 && rest.at[0] == '.' && ascii_is_digit(rest.at[1]) && !follows_operand(lexer);
    if (ascii_is_digit(rest.at[0]) || point_number) {
        lexer_number(lexer, out);
        return;
    }
    if (take_dash_expression(lexer, out) || take_symbol(lexer, out))
        return;
    size_t len = lexer_name_length(rest);
    if (len > 0)
        take(lexer, len, TOKEN_WORD, out);
    else if (rest.at[0] == '<' || rest.at[0] == '>')
        lexer_wrong(lexer, out,
                    "redirection with < and > is not part of this shell; use Out-File, or -gt and "
                    "-lt to compare");
    else
        lexer_wrong(lexer, out, "this character means nothing here");
}

/* --- arguments --- */

static bool ends_word(struct slice rest)
{
    char quote;
    if (rest.len == 0 || rest.at[0] == '\n' || paste_blank(rest) > 0)
        return true;
    return slice_contains(SLICE("|;,(){}&<>"), slice_first(rest, 1)) ||
           paste_quote(rest, &quote) > 0;
}

/* A word with $names in it is expandable; `$(...)` inside belongs to it. */
static void take_word_text(struct lexer *lexer, struct token *out)
{
    size_t begin = lexer->at;
    bool expandable = false;
    char quote;
    while (!ends_word(lexer_rest(lexer))) {
        struct slice rest = lexer_rest(lexer);
        expandable = expandable || rest.at[0] == '$' || rest.at[0] == '`';
        lexer->at += rest.at[0] == '`' && rest.len > 1 ? 2 : 1;
        if (!slice_starts(rest, SLICE("$(")))
            continue;
        lexer->at++;
        if (!lexer_skip_subexpression(lexer, 0)) {
            lexer_wrong(lexer, out, "$( has no end )");
            return;
        }
    }
    out->kind = expandable ? TOKEN_EXPANDABLE : TOKEN_WORD;
    out->text = slice_first(slice_after(lexer->source, begin), lexer->at - begin);
    if (paste_quote(lexer_rest(lexer), &quote) > 0)
        lexer_wrong(lexer, out, "a quote in the middle of a word: put quotes around all of it");
    else if (!expandable)
        lexer_word_is_number(out);
}

static bool take_parameter(struct lexer *lexer, struct token *out)
{
    size_t dash = paste_dash(lexer_rest(lexer));
    struct slice behind = slice_after(lexer_rest(lexer), dash);
    if (dash == 0 || behind.len == 0 || !ascii_is_alpha(behind.at[0]))
        return false;
    lexer->at += dash;
    take(lexer, lexer_name_length(behind), TOKEN_PARAMETER, out);
    out->ends_in_colon = slice_starts(lexer_rest(lexer), SLICE(":"));
    lexer->at += out->ends_in_colon ? 1 : 0;
    return true;
}

static void take_argument(struct lexer *lexer, struct token *out)
{
    static const char symbols[] = "(){}|,&";
    struct slice rest = lexer_rest(lexer);
    if (slice_contains(SLICE("<>"), slice_first(rest, 1)))
        lexer_wrong(lexer, out,
                    "redirection with < and > is not part of this shell; use Out-File, or "
                    "-ErrorAction SilentlyContinue");
    else if (slice_starts(rest, SLICE("@(")) || slice_starts(rest, SLICE("@{")) ||
             slice_contains(slice_of(symbols), slice_first(rest, 1)))
        take_symbol(lexer, out);
    else if (!take_parameter(lexer, out))
        take_word_text(lexer, out);
}

void lexer_word(struct lexer *lexer, struct token *out)
{
    *out = (struct token){.at = lexer->at};
    take_word_text(lexer, out);
    out->end = lexer->at;
}

/* --- both modes --- */

static bool take_splat(struct lexer *lexer, struct token *out)
{
    struct slice rest = lexer_rest(lexer);
    char quote;
    if (rest.at[0] != '@')
        return false;
    size_t len = paste_quote(slice_after(rest, 1), &quote), end;
    if (len > 0) {
        struct slice line = slice_after(rest, 1 + len);
        if (slice_find(line, '\n', &end) && slice_trim(slice_first(line, end)).len <= 1) {
            lexer->at += 1 + len;
            lexer_here(lexer, quote, out);
        } else
            lexer_wrong(lexer, out, "the text of a here-string begins on the line after @\"");
        return true;
    }
    len = lexer_name_length(slice_after(rest, 1));
    if (len == 0)
        return false;
    lexer->at++;
    take(lexer, len, TOKEN_SPLAT, out);
    return true;
}

static bool take_common(struct lexer *lexer, struct token *out)
{
    struct slice rest = lexer_rest(lexer);
    char quote;
    size_t len = paste_quote(rest, &quote);
    if (rest.at[0] == '\n' || rest.at[0] == ';') {
        lexer->line_begins = rest.at[0] == '\n';
        take(lexer, 1, TOKEN_LINE, out);
        return true;
    }
    lexer->line_begins = false;
    if (len > 0) {
        lexer->at += len;
        lexer_quoted(lexer, quote, out);
        return true;
    }
    if (slice_starts(rest, SLICE("$("))) {
        take(lexer, 2, TOKEN_SYMBOL, out);
        return true;
    }
    return take_splat(lexer, out) || lexer_variable(lexer, out);
}

void lexer_next(struct lexer *lexer, enum lexer_mode mode, struct token *out)
{
    *out = (struct token){.at = lexer->at, .end = lexer->at};
    if (lexer->complaint) {
        lexer_wrong(lexer, out, lexer->complaint);
        return;
    }
    bool good = skip_between(lexer, out);
    out->at = lexer->at;
    if (!good)
        return;
    if (lexer_rest(lexer).len == 0)
        out->kind = TOKEN_END;
    else if (!take_common(lexer, out)) {
        if (mode == LEXER_EXPRESSION)
            take_expression(lexer, out);
        else
            take_argument(lexer, out);
    }
    out->end = lexer->at;
}
