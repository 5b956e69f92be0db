/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that begin with a keyword, one function each. */
#include "shell/parsing.h"
#include "shell/type.h"

typedef struct node *keyword_fn(struct parsing *p, struct node *node);

static bool take_keyword(struct parsing *p, const char *keyword)
{
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    if (token->kind != TOKEN_WORD || !slice_equal_nocase(token->text, slice_of(keyword)))
        return false;
    parsing_take(p);
    return true;
}

/* The same behind any number of line ends; takes nothing when it is not there. */
static bool take_keyword_later(struct parsing *p, const char *keyword)
{
    struct parsing saved = *p;
    while (parsing_look(p, LEXER_ARGUMENT)->kind == TOKEN_LINE)
        parsing_take(p);
    if (take_keyword(p, keyword))
        return true;
    *p = saved;
    return false;
}

/* ( statement ) */
static struct node *condition(struct parsing *p, const char *what)
{
    if (!parsing_expect(p, "(", what))
        return NULL;
    parsing_skip_lines(p);
    struct node *node = parse_statement(p);
    parsing_skip_lines(p);
    return node && parsing_expect(p, ")", what) ? node : NULL;
}

static struct node *parse_if(struct parsing *p, struct node *node)
{
    struct node *current = node;
    for (;;) {
        current->first = condition(p, "if");
        current->second = current->first ? parse_braces(p) : NULL;
        if (!current->second)
            return NULL;
        if (!take_keyword_later(p, "elseif"))
            break;
        current->third = parsing_make(p, NODE_IF, p->last_end);
        if (!current->third)
            return NULL;
        current = current->third;
    }
    if (take_keyword_later(p, "else")) {
        current->third = parse_braces(p);
        if (!current->third)
            return NULL;
    }
    return node;
}

static struct node *parse_foreach(struct parsing *p, struct node *node)
{
    if (!parsing_expect(p, "(", "foreach"))
        return NULL;
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    if (token->kind != TOKEN_VARIABLE)
        return parsing_fail_token(p, "the variable of foreach ($x in $list)");
    node->text = token->text;
    parsing_take(p);
    if (!take_keyword(p, "in"))
        return parsing_fail_token(p, "\"in\" of foreach ($x in $list)");
    parsing_skip_lines(p);
    node->first = parse_statement(p);
    parsing_skip_lines(p);
    if (!node->first || !parsing_expect(p, ")", "foreach"))
        return NULL;
    node->second = parse_braces(p);
    return node->second ? node : NULL;
}

/* for (first; condition; step) */
static struct node *parse_for(struct parsing *p, struct node *node)
{
    struct node **end = &node->first;
    if (!parsing_expect(p, "(", "for"))
        return NULL;
    for (size_t i = 0; i < 3; i++) {
        const char *closing = i < 2 ? ";" : ")";
        struct node *part = parsing_make(p, NODE_SEQUENCE, p->last_end);
        if (!part)
            return NULL;
        const struct token *token = parsing_look(p, LEXER_EXPRESSION);
        if (token->kind != TOKEN_LINE && !token_is(token, ")"))
            part->first = parse_statement(p);
        *end = part;
        end = &part->next;
        if (p->failed || (i == 2 && !parsing_expect(p, closing, "for")))
            return NULL;
        if (i < 2 && parsing_look(p, LEXER_EXPRESSION)->kind != TOKEN_LINE)
            return parsing_fail_token(p, "; of for (first; condition; step)");
        if (i < 2)
            parsing_take(p);
    }
    node->second = parse_braces(p);
    return node->second ? node : NULL;
}

static struct node *parse_while(struct parsing *p, struct node *node)
{
    node->first = condition(p, "while");
    node->second = node->first ? parse_braces(p) : NULL;
    return node->second ? node : NULL;
}

static struct node *parse_do(struct parsing *p, struct node *node)
{
    node->second = parse_braces(p);
    if (!node->second)
        return NULL;
    node->flag = take_keyword_later(p, "until");
    if (!node->flag && !take_keyword_later(p, "while"))
        return parsing_fail_token(p, "while or until of do");
    node->first = condition(p, "do");
    return node->first ? node : NULL;
}

/* --- switch --- */

static struct node *switch_case(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_CASE, parsing_look(p, LEXER_ARGUMENT)->at);
    if (!node)
        return NULL;
    if (!take_keyword(p, "default")) {
        node->first = parse_argument(p);
        if (!node->first)
            return NULL;
    }
    node->second = parse_braces(p);
    return node->second ? parsing_finish(p, node) : NULL;
}

static bool take_switch_options(struct parsing *p, struct node *node)
{
    while (parsing_look(p, LEXER_ARGUMENT)->kind == TOKEN_PARAMETER) {
        struct slice name = p->token.text;
        if (!slice_equal_nocase(name, SLICE("wildcard")) &&
            !slice_equal_nocase(name, SLICE("regex"))) {
            parsing_fail(p, p->token.at, "switch takes -Wildcard or -Regex, not -%.*s",
                         SLICE_ARG(slice_first(name, 40)));
            return false;
        }
        node->text = name;
        parsing_take(p);
    }
    return true;
}

static struct node *parse_switch(struct parsing *p, struct node *node)
{
    struct node **end = &node->second;
    if (!take_switch_options(p, node))
        return NULL;
    node->first = condition(p, "switch");
    parsing_skip_lines(p);
    if (!node->first || !parsing_expect(p, "{", "switch"))
        return NULL;
    for (parsing_skip_lines(p); !parsing_take_symbol(p, "}"); parsing_skip_lines(p)) {
        *end = switch_case(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    return node;
}

/* --- try --- */

static struct node *parse_try(struct parsing *p, struct node *node)
{
    node->first = parse_braces(p);
    if (!node->first)
        return NULL;
    if (take_keyword_later(p, "catch")) {
        struct slice type;
        if (token_is(parsing_look(p, LEXER_EXPRESSION), "[")) {
            size_t at = p->token.at;
            parsing_take(p);
            if (!parse_type_name(p, &type))
                return NULL;
            if (!slice_equal_nocase(type, SLICE("System.Exception")) &&
                !slice_equal_nocase(type, SLICE("Exception")))
                return parsing_fail(p, at, "catch takes every error here: leave [%.*s] out",
                                    SLICE_ARG(slice_first(type, 60)));
        }
        node->second = parse_braces(p);
        if (!node->second)
            return NULL;
    }
    if (take_keyword_later(p, "finally"))
        node->third = parse_braces(p);
    parsing_look(p, LEXER_ARGUMENT);
    if (!p->failed && !node->second && !node->third)
        return parsing_fail_token(p, "catch or finally of try");
    return p->failed ? NULL : node;
}

/* --- functions --- */

/* [string]$Name = "x", with [Parameter(Mandatory=$true)] in front of it. */
static struct node *declared(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_DECLARED, parsing_look(p, LEXER_EXPRESSION)->at);
    while (node && token_is(parsing_look(p, LEXER_EXPRESSION), "[")) {
        size_t at = p->token.at;
        struct slice name;
        parsing_take(p);
        if (!parse_type_name(p, &name))
            return NULL;
        if (slice_starts_nocase(name, SLICE("Parameter("))) {
            node->flag =
                slice_contains(name, SLICE("andatory")) && !slice_contains(name, SLICE("$false"));
        } else if (type_of(name) == TYPE_NONE)
            return parsing_fail(p, at, "[%.*s] in front of a parameter is not part of this shell",
                                SLICE_ARG(slice_first(name, 60)));
        else {
            node->second = parsing_make(p, NODE_TYPE, at);
            if (!node->second)
                return NULL;
            node->second->text = name;
        }
        parsing_skip_lines(p);
    }
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    if (!node || token->kind != TOKEN_VARIABLE)
        return parsing_fail_token(p, "the variable of a parameter");
    node->text = token->text;
    parsing_take(p);
    if (parsing_take_symbol(p, "="))
        node->first = parse_without_commas(p);
    return parsing_finish(p, node);
}

struct node *parse_parameters(struct parsing *p)
{
    return parsing_list(p, declared, "the parameters");
}

static struct node *parse_function(struct parsing *p, struct node *node)
{
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    if (token->kind != TOKEN_WORD)
        return parsing_fail_token(p, "the name of the function");
    node->text = token->text;
    parsing_take(p);
    struct node *parameters = NULL;
    if (parsing_take_symbol(p, "("))
        parameters = parse_parameters(p);
    parsing_skip_lines(p);
    if (!parsing_expect(p, "{", "the function"))
        return NULL;
    node->first = parse_block(p);
    if (node->first && parameters)
        node->first->second = parameters;
    return node->first ? node : NULL;
}

/* --- leaving --- */

static struct node *with_value(struct parsing *p, struct node *node)
{
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    bool ends = token->kind == TOKEN_LINE || token->kind == TOKEN_END || token_is(token, "}") ||
                token_is(token, ")");
    if (!ends)
        node->first = parse_statement(p);
    return p->failed ? NULL : node;
}

static struct node *alone(struct parsing *p, struct node *node)
{
    return p->failed ? NULL : node;
}

static const struct {
    const char *word;
    enum node_kind kind;
    keyword_fn *parse;
} keywords[] = {
    {"if", NODE_IF, parse_if},           {"foreach", NODE_FOREACH, parse_foreach},
    {"for", NODE_FOR, parse_for},        {"while", NODE_WHILE, parse_while},
    {"do", NODE_DO, parse_do},           {"switch", NODE_SWITCH, parse_switch},
    {"try", NODE_TRY, parse_try},        {"function", NODE_FUNCTION, parse_function},
    {"return", NODE_RETURN, with_value}, {"throw", NODE_THROW, with_value},
    {"exit", NODE_EXIT, with_value},     {"break", NODE_BREAK, alone},
    {"continue", NODE_CONTINUE, alone},
};

/* What PowerShell has and this shell has not; said instead of "there is no cmdlet begin". */
static const char *const refused[] = {
    "begin", "process", "end",  "dynamicparam", "filter",   "workflow",    "class",
    "enum",  "using",   "trap", "data",         "parallel", "inlinescript"};

static struct node *refuse(struct parsing *p, const struct token *token)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (slice_equal_nocase(token->text, slice_of(refused[i])))
            return parsing_fail(p, token->at, "\"%s\" is not part of this shell", refused[i]);
    return NULL;
}

struct node *parse_keyword(struct parsing *p, bool *out_is_keyword)
{
    struct token token = *parsing_look(p, LEXER_ARGUMENT);
    *out_is_keyword = false;
    if (token.kind != TOKEN_WORD)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        if (!slice_equal_nocase(token.text, slice_of(keywords[i].word)))
            continue;
        *out_is_keyword = true;
        parsing_take(p);
        struct node *node = parsing_make(p, keywords[i].kind, token.at);
        return node ? parsing_finish(p, keywords[i].parse(p, node)) : NULL;
    }
    return refuse(p, &token);
}
