/* SPDX-License-Identifier: Apache-2.0 */
/* The longer tokens: quoted texts, here-strings, numbers, variables. */
#include "base/attributes.h"
#include "base/number.h"
#include "shell/lexer.h"
#include "shell/paste.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NESTING_MAX = 32, NUMBER_MAX_BYTES = 40 };

static struct slice between(const struct lexer *lexer, size_t begin, size_t end)
{
    return slice_first(slice_after(lexer->source, begin), end - begin);
}

/* --- finding the end --- */

/* From behind the opening double quote to the closing one; `depth` counts texts within texts. */
static bool skip_expandable(struct lexer *lexer, size_t depth)
{
    char quote;
    while (lexer->at < lexer->source.len) {
        struct slice rest = lexer_rest(lexer);
        size_t len = paste_quote(rest, &quote);
        if (len > 0 && quote == '"') {
            char second;
            size_t twice = paste_quote(slice_after(rest, len), &second);
            if (twice == 0 || second != '"')
                return true;
            lexer->at += len + twice;
        } else if (slice_starts(rest, SLICE("$("))) {
            lexer->at += 2;
            if (!lexer_skip_subexpression(lexer, depth + 1))
                return false;
        } else
            lexer->at += rest.at[0] == '`' && rest.len > 1 ? 2 : len > 0 ? len : 1;
    }
    return false;
}

static bool skip_single(struct lexer *lexer)
{
    char quote;
    for (; lexer->at < lexer->source.len; lexer->at++) {
        size_t len = paste_quote(lexer_rest(lexer), &quote);
        if (len == 0 || quote != '\'')
            continue;
        char second;
        size_t twice = paste_quote(slice_after(lexer_rest(lexer), len), &second);
        if (twice == 0 || second != '\'')
            return true;
        lexer->at += len + twice - 1;
    }
    return false;
}

static bool skip_quoted(struct lexer *lexer, char quote, size_t depth)
{
    bool good = quote == '"' ? skip_expandable(lexer, depth) : skip_single(lexer);
    if (good)
        lexer->at += paste_quote(lexer_rest(lexer), &quote);
    return good;
}

bool lexer_skip_subexpression(struct lexer *lexer, size_t depth)
{
    size_t open = 1;
    char quote;
    while (depth < NESTING_MAX && lexer->at < lexer->source.len) {
        struct slice rest = lexer_rest(lexer);
        size_t len = paste_quote(rest, &quote);
        if (len > 0) {
            lexer->at += len;
            if (!skip_quoted(lexer, quote, depth + 1))
                return false;
            continue;
        }
        lexer->at += rest.at[0] == '`' && rest.len > 1 ? 2 : 1;
        open += rest.at[0] == '(' ? 1 : 0;
        if (rest.at[0] == ')' && --open == 0)
            return true;
    }
    lexer->incomplete = depth < NESTING_MAX;
    return false;
}

/* --- quoted texts --- */

/* Without the doubled quotes; NULL bytes of memory gives a wrong token. */
static void decode_single(struct lexer *lexer, struct slice raw, struct token *out)
{
    char *copy = arena_take(lexer->arena, raw.len + 1), quote;
    size_t len = 0;
    if (!copy) {
        lexer_wrong(lexer, out, "the script is too large");
        return;
    }
    while (raw.len > 0) {
        size_t doubled = paste_quote(raw, &quote);
        size_t step = doubled > 0 ? doubled : 1;
        memcpy(copy + len, raw.at, step);
        len += step;
        raw = slice_after(raw, step);
        if (doubled > 0 && quote == '\'')
            raw = slice_after(raw, paste_quote(raw, &quote));
    }
    out->kind = TOKEN_TEXT;
    out->text = slice_bytes(copy, len);
}

void lexer_quoted(struct lexer *lexer, char quote, struct token *out)
{
    size_t begin = lexer->at;
    bool good = quote == '"' ? skip_expandable(lexer, 0) : skip_single(lexer);
    if (!good) {
        lexer->incomplete = lexer->at >= lexer->source.len;
        lexer_wrong(lexer, out, "the text that begins with this quote has no end");
        return;
    }
    struct slice raw = between(lexer, begin, lexer->at);
    lexer->at += paste_quote(lexer_rest(lexer), &quote);
    out->kind = TOKEN_EXPANDABLE;
    out->text = raw;
    if (quote == '\'')
        decode_single(lexer, raw, out);
}

/* At a quote followed by @ at the beginning of a line. */
static size_t here_end(struct slice rest, char quote)
{
    char found;
    size_t len = paste_quote(rest, &found);
    return len > 0 && found == quote && slice_starts(slice_after(rest, len), SLICE("@")) ? len + 1
                                                                                         : 0;
}

void lexer_here(struct lexer *lexer, char quote, struct token *out)
{
    size_t end;
    if (slice_find(lexer_rest(lexer), '\n', &end))
        lexer->at += end;
    size_t begin = lexer->at + 1;
    while (lexer->at < lexer->source.len) {
        struct slice rest = lexer_rest(lexer);
        size_t len = rest.at[0] == '\n' ? here_end(slice_after(rest, 1), quote) : 0;
        if (len == 0) {
            lexer->at++;
            continue;
        }
        size_t stop = lexer->at > begin ? lexer->at : begin;
        out->text = between(lexer, begin, stop);
        if (out->text.len > 0 && out->text.at[out->text.len - 1] == '\r')
            out->text.len--;
        out->kind = quote == '"' ? TOKEN_EXPANDABLE : TOKEN_TEXT;
        out->here = true;
        lexer->at += 1 + len;
        return;
    }
    lexer->incomplete = true;
    lexer_wrong(lexer, out, "the here-string has no end: \"@ at the beginning of a line");
}

/* --- numbers --- */

static int64_t suffix_of(struct slice *rest)
{
    static const struct {
        const char *suffix;
        int64_t factor;
    } suffixes[] = {{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"tb", (int64_t)1 << 40}};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++)
        if (slice_take_prefix_nocase(rest, slice_of(suffixes[i].suffix)))
            return suffixes[i].factor;
    return 1;
}

static size_t digits(struct slice s)
{
    size_t i = 0;
    while (i < s.len && ascii_is_digit(s.at[i]))
        i++;
    return i;
}

/* Digits, a fraction, an exponent; how many bytes. */
static size_t number_length(struct slice rest, bool *out_real)
{
    size_t len = digits(rest);
    *out_real = false;
    struct slice point = slice_after(rest, len);
    if (point.len > 1 && point.at[0] == '.' && ascii_is_digit(point.at[1])) {
        *out_real = true;
        len += 1 + digits(slice_after(point, 1));
    }
    struct slice exponent = slice_after(rest, len);
    if (exponent.len > 1 && ascii_lower(exponent.at[0]) == 'e') {
        size_t sign = exponent.at[1] == '+' || exponent.at[1] == '-' ? 1 : 0;
        size_t count = digits(slice_after(exponent, 1 + sign));
        *out_real = *out_real || count > 0;
        len += count > 0 ? 1 + sign + count : 0;
    }
    return len;
}

static double real_of(struct slice written)
{
    char copy[NUMBER_MAX_BYTES + 1] = {0};
    memcpy(copy, written.at, written.len < NUMBER_MAX_BYTES ? written.len : NUMBER_MAX_BYTES);
    return strtod(copy, NULL);
}

static void set_number(struct token *out, struct slice written, bool real, int64_t factor)
{
    int64_t whole = 0;
    out->kind = TOKEN_INTEGER;
    if (!real && number_parse_i64(written, INT64_MIN, INT64_MAX, &whole) &&
        !__builtin_mul_overflow(whole, factor, &out->integer))
        return;
    double value = real_of(written) * (double)factor;
    out->kind = TOKEN_REAL;
    out->real = value;
    if (factor > 1 && fabs(value) < 9e18) {
        out->kind = TOKEN_INTEGER;
        out->integer = (int64_t)value;
    }
}

static bool take_hex(struct lexer *lexer, struct token *out)
{
    struct slice rest = lexer_rest(lexer);
    if (!slice_take_prefix_nocase(&rest, SLICE("0x")))
        return false;
    size_t len = 0;
    uint64_t number = 0;
    while (len < rest.len && lexer_is_name_byte(rest.at[len]))
        len++;
    lexer->at += 2 + len;
    if (number_parse_hex(slice_first(rest, len), INT64_MAX, &number)) {
        out->kind = TOKEN_INTEGER;
        out->integer = (int64_t)number;
    } else
        lexer_wrong(lexer, out, "this is no hexadecimal number");
    return true;
}

void lexer_number(struct lexer *lexer, struct token *out)
{
    bool real;
    if (take_hex(lexer, out))
        return;
    size_t len = number_length(lexer_rest(lexer), &real);
    struct slice written = slice_first(lexer_rest(lexer), len);
    struct slice rest = slice_after(lexer_rest(lexer), len);
    out->text = written;
    set_number(out, written, real, suffix_of(&rest));
    lexer->at = lexer->source.len - rest.len;
    if (rest.len > 0 && lexer_is_name_byte(rest.at[0]))
        lexer_wrong(lexer, out, "letters behind a number; a text needs quotes");
}

bool lexer_word_is_number(struct token *word)
{
    bool real, minus;
    struct slice rest = word->text;
    minus = slice_take_prefix(&rest, SLICE("-"));
    size_t len = number_length(rest, &real);
    struct slice written = slice_first(word->text, len + (minus ? 1 : 0));
    struct slice behind = slice_after(word->text, written.len);
    bool padded = rest.len > 1 && rest.at[0] == '0' && ascii_is_digit(rest.at[1]);
    bool exponent = slice_contains(written, SLICE("e")) || slice_contains(written, SLICE("E"));
    int64_t factor = suffix_of(&behind);
    if (len == 0 || len > 17 || behind.len > 0 || padded || exponent)
        return false;
    set_number(word, written, real, factor);
    return true;
}

/* --- variables --- */

size_t lexer_name_length(struct slice rest)
{
    size_t i = 0;
    char quote;
    while (i < rest.len && lexer_is_name_byte(rest.at[i])) {
        struct slice here = slice_after(rest, i);
        bool pasted = (unsigned char)here.at[0] >= 0x80 &&
                      (paste_dash(here) > 0 || paste_blank(here) > 0 || paste_quote(here, &quote));
        if (pasted)
            break;
        i++;
    }
    return i;
}

/* The length of "script:" and its like. */
static size_t scope_prefix(struct slice rest)
{
    static const char *const scopes[] = {
        "script:", "global:", "local:", "private:", "env:", "using:"};
    for (size_t i = 0; i < COUNT_OF(scopes); i++)
        if (slice_starts_nocase(rest, slice_of(scopes[i])))
            return slice_of(scopes[i]).len;
    return 0;
}

static bool braced_variable(struct lexer *lexer, struct token *out)
{
    struct slice rest = slice_after(lexer_rest(lexer), 2), name;
    if (!slice_take_until(&rest, '}', &name) || name.len == 0) {
        lexer_wrong(lexer, out, "${ has no end }");
        return true;
    }
    lexer->at = lexer->source.len - rest.len;
    out->kind = TOKEN_VARIABLE;
    out->text = name;
    return true;
}

bool lexer_variable(struct lexer *lexer, struct token *out)
{
    struct slice rest = lexer_rest(lexer);
    if (rest.len < 2 || rest.at[0] != '$')
        return false;
    if (rest.at[1] == '{')
        return braced_variable(lexer, out);
    size_t scope = scope_prefix(slice_after(rest, 1));
    size_t len = 1 + scope + lexer_name_length(slice_after(rest, 1 + scope));
    if (rest.at[1] == '?' || rest.at[1] == '$')
        len = 2;
    if (len == 1 + scope)
        len = 1 + lexer_name_length(slice_after(rest, 1));
    if (len < 2)
        return false;
    out->kind = TOKEN_VARIABLE;
    out->text = slice_first(slice_after(rest, 1), len - 1);
    lexer->at += len;
    return true;
}
