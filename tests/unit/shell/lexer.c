/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts as tokens: what pasting does to them is repaired. */
#include "support/rows.h"

#include "shell/lexer.h"
#include "shell/paste.h"

#include "base/text.h"

/* clang-format off */
static const char *const kinds[] = {
    [TOKEN_END] = "end", [TOKEN_LINE] = "line", [TOKEN_INTEGER] = "integer", [TOKEN_REAL] = "real", [TOKEN_TEXT] = "text",
    [TOKEN_EXPANDABLE] = "expandable", [TOKEN_VARIABLE] = "variable", [TOKEN_SPLAT] = "splat", [TOKEN_WORD] = "word",
    [TOKEN_PARAMETER] = "parameter", [TOKEN_OPERATOR] = "operator", [TOKEN_SYMBOL] = "symbol", [TOKEN_WRONG] = "wrong"};

static const struct {
    enum lexer_mode mode;
    const char *source;
    const char *tokens; /* kind:text, or kind=number; of a wrong one a part of the complaint */
} rows[] = {
    /* numbers */
    {LEXER_EXPRESSION, "12 0x1F 1.5 2kb 10MB 1e3 .5 3.5GB", "integer=12 integer=31 real=1.5 integer=2048 integer=10485760 real=1000 real=0.5 integer=3758096384"},
    {LEXER_EXPRESSION, "1..5", "integer=1 symbol:.. integer=5"},
    {LEXER_EXPRESSION, "99999999999999999999", "real=1e+20"},
    {LEXER_EXPRESSION, "12abc", "wrong:letters behind a number"},
    {LEXER_ARGUMENT, "5 0012 1.2.3.4 2CBC 10MB -5", "integer=5 word:0012 word:1.2.3.4 word:2CBC integer=10485760 integer=-5"},
    /* texts */
    {LEXER_EXPRESSION, "'it''s' \"a`\"b\" \"x\"\"y\"", "text:it's expandable:a`\"b expandable:x\"\"y"},
    {LEXER_EXPRESSION, "\"$( \"in\" + ')' )\" 1", "expandable:$( \"in\" + ')' ) integer=1"},
    {LEXER_EXPRESSION, "'open", "wrong:has no end"},
    {LEXER_EXPRESSION, "@'\none\n'two'\n'@ 1", "text:one\n'two' integer=1"},
    {LEXER_EXPRESSION, "@\"\n\"@", "expandable:"},
    {LEXER_EXPRESSION, "@\" x", "wrong:begins on the line after"},
    /* names */
    {LEXER_EXPRESSION, "$x.y ${a b} $_ $script:z $ip:25", "variable:x symbol:. word:y variable:a b variable:_ variable:script:z variable:ip symbol:: integer=25"},
    {LEXER_ARGUMENT, "Get-Queue @p -Name x -Force: a,b", "word:Get-Queue splat:p parameter:Name word:x parameter:Force word:a symbol:, word:b"},
    {LEXER_ARGUMENT, "[::]:25 mx.contoso.com a@b.c C:\\x\\*.pfx", "word:[::]:25 word:mx.contoso.com word:a@b.c word:C:\\x\\*.pfx"},
    {LEXER_ARGUMENT, "a$x\\b $(1)x", "expandable:a$x\\b symbol:$( integer=1 symbol:) word:x"},
    {LEXER_ARGUMENT, "SERVER\\\"Client\"", "wrong:a quote in the middle"},
    {LEXER_ARGUMENT, "x 2>file", "word:x integer=2 wrong:redirection"},
    {LEXER_EXPRESSION, "-eq -notlike - -= --", "operator:eq operator:notlike symbol:- symbol:-= symbol:--"},
    /* what lies between */
    {LEXER_EXPRESSION, "1 # one\n2 <# a\nb #> 3;4", "integer=1 line:\n integer=2 integer=3 line:; integer=4"},
    {LEXER_EXPRESSION, "1 <# x", "integer=1 wrong:has no end"},
    {LEXER_ARGUMENT, "a `\n b", "word:a word:b"},
    /* paste */
    {LEXER_EXPRESSION, "\xe2\x80\x9c<i>$x\xe2\x80\x9d \xe2\x80\x98y\xe2\x80\x99", "expandable:<i>$x text:y"},
    {LEXER_EXPRESSION, "$a\xc2\xa0\xe2\x80\x93" "eq\xc2\xa0" "1 \xe2\x80\x94 2", "variable:a operator:eq integer=1 symbol:- integer=2"},
    {LEXER_ARGUMENT, "x \xe2\x80\x93Name\xc2\xa0y", "word:x parameter:Name word:y"},
    {LEXER_ARGUMENT, "[PS] C:\\>Get-Queue\n[PS] C:\\Windows\\system32> b\nPS C:\\> c\n>> d\n[Postern] > e", "word:Get-Queue line:\n word:b line:\n word:c line:\n word:d line:\n word:e"},
    {LEXER_ARGUMENT, "a ` \t\n>> b", "word:a word:b"},
    {LEXER_ARGUMENT, "\xef\xbb\xbfGet-Queue\r\n", "word:Get-Queue line:\n"},
    {LEXER_EXPRESSION, "'a\xe2\x80\x94" "b'", "text:a\xe2\x80\x94" "b"},
    {LEXER_EXPRESSION, "\\", "wrong:means nothing"},
};
/* clang-format on */

static void append(struct text *text, const struct lexer *lexer, const struct token *token,
                   const char *complaint_wanted)
{
    text_append_c(text, text->len ? " " : "");
    text_append_c(text, kinds[token->kind]);
    if (token->kind == TOKEN_INTEGER)
        text_append_format(text, "=%lld", (long long)token->integer);
    else if (token->kind == TOKEN_REAL)
        text_append_format(text, "=%g", token->real);
    else if (token->kind == TOKEN_WRONG)
        text_append_format(text, ":%s",
                           slice_contains(slice_of(lexer->complaint), slice_of(complaint_wanted))
                               ? complaint_wanted
                               : lexer->complaint);
    else
        text_append_format(text, ":%.*s", SLICE_ARG(token->text));
}

static void sources_become_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena = arena_with_ceiling(1 << 20);
        struct lexer lexer = lexer_over(slice_of(rows[i].source), 0, &arena);
        struct text seen = text_with_ceiling(4096);
        struct token token;
        struct slice rest = slice_of(rows[i].tokens), before;
        const char *wanted = "";
        while (slice_take_until(&rest, 'w', &before))
            if (slice_starts(rest, SLICE("rong:")))
                wanted = rest.at + slice_of("rong:").len;
        for (;;) {
            lexer_next(&lexer, rows[i].mode, &token);
            if (token.kind == TOKEN_END)
                break;
            append(&seen, &lexer, &token, wanted);
            if (token.kind == TOKEN_WRONG)
                break;
        }
        row_expect_slice(rows[i].source, text_slice(&seen), slice_of(rows[i].tokens));
        text_deinit(&seen);
        arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sources_become_tokens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
