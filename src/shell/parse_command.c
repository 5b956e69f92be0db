/* SPDX-License-Identifier: Apache-2.0 */
/* Commands: a name, then arguments as words, texts, variables and what stands in brackets. */
#include "shell/parsing.h"

static struct node *word(struct parsing *p, const struct token *token)
{
    struct node *node = parsing_make(p,
                                     token->kind == TOKEN_INTEGER ? NODE_INTEGER
                                     : token->kind == TOKEN_REAL  ? NODE_REAL
                                                                  : NODE_TEXT,
                                     token->at);
    if (!node)
        return NULL;
    node->text = token->text;
    if (token->kind == TOKEN_INTEGER)
        node->integer = token->integer;
    else if (token->kind == TOKEN_REAL)
        node->real = token->real;
    parsing_take(p);
    return parsing_finish(p, node);
}

/* $server\Client: a variable with more of a word right behind it. */
static bool goes_on(struct parsing *p)
{
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    return !token->blank_before && (token->kind == TOKEN_WORD || token->kind == TOKEN_EXPANDABLE ||
                                    token->kind == TOKEN_VARIABLE);
}

static struct node *variable(struct parsing *p)
{
    struct lexer begin = p->lexer;
    begin.at = p->token.at;
    struct node *node = parse_postfix(p, parse_primary(p));
    if (!node || !goes_on(p))
        return node;
    p->after = begin;
    lexer_word(&p->after, &p->token);
    p->looked = true;
    p->mode = LEXER_ARGUMENT;
    if (p->token.kind == TOKEN_WRONG)
        return parsing_fail_token(p, "a value");
    struct token token = p->token;
    parsing_take(p);
    return parse_expandable(p, &token);
}

static struct node *element(struct parsing *p)
{
    struct token token = *parsing_look(p, LEXER_ARGUMENT);
    switch (token.kind) {
    case TOKEN_WORD:
    case TOKEN_INTEGER:
    case TOKEN_REAL:
        return word(p, &token);
    case TOKEN_VARIABLE:
        return variable(p);
    case TOKEN_EXPANDABLE:
        parsing_take(p);
        return parse_postfix(p, parse_expandable(p, &token));
    case TOKEN_TEXT:
    case TOKEN_SYMBOL:
        return parse_postfix(p, parse_primary(p));
    case TOKEN_END:
    case TOKEN_LINE:
    case TOKEN_PARAMETER:
    case TOKEN_SPLAT:
    case TOKEN_OPERATOR:
    case TOKEN_WRONG:
        break;
    }
    return parsing_fail_token(p, "a value");
}

struct node *parse_argument(struct parsing *p)
{
    struct node *first = element(p), **end;
    if (!first || !token_is(parsing_look(p, LEXER_ARGUMENT), ","))
        return first;
    struct node *list = parsing_make(p, NODE_LIST, first->at);
    if (!list)
        return NULL;
    list->first = first;
    end = &first->next;
    while (token_is(parsing_look(p, LEXER_ARGUMENT), ",")) {
        parsing_take(p);
        parsing_skip_lines(p);
        *end = element(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    return parsing_finish(p, list);
}

static struct node *parameter(struct parsing *p)
{
    bool has_value = p->token.ends_in_colon;
    struct node *node = parsing_make(p, NODE_PARAMETER, p->token.at);
    if (!node)
        return NULL;
    node->text = p->token.text;
    parsing_take(p);
    if (has_value)
        node->first = parse_argument(p);
    return parsing_finish(p, node);
}

static struct node *splat(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_SPLAT, p->token.at);
    if (!node)
        return NULL;
    node->text = p->token.text;
    parsing_take(p);
    return parsing_finish(p, node);
}

static bool ends_command(const struct token *token)
{
    return token->kind == TOKEN_END || token->kind == TOKEN_LINE || token_is(token, "|") ||
           token_is(token, ")") || token_is(token, "}");
}

static struct node *one_argument(struct parsing *p)
{
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    if (token_is(token, "&") || token_is(token, "&&") || token_is(token, "||"))
        return parsing_fail(p, token->at,
                            "&, && and || are not part of this shell; write one command a line");
    return token->kind == TOKEN_PARAMETER ? parameter(p)
           : token->kind == TOKEN_SPLAT   ? splat(p)
                                          : parse_argument(p);
}

/* The name: a word, or behind & what gives it. */
static bool take_name(struct parsing *p, struct node *node)
{
    struct token token = *parsing_look(p, LEXER_ARGUMENT);
    if (token_is(&token, "&")) {
        parsing_take(p);
        node->first = element(p);
        return node->first != NULL;
    }
    if (token.kind != TOKEN_WORD) {
        parsing_fail_token(p, "the name of a cmdlet");
        return false;
    }
    if (slice_equal(token.text, SLICE("."))) {
        parsing_fail(p, token.at, "running another script with . is not part of this shell");
        return false;
    }
    node->text = token.text;
    parsing_take(p);
    return true;
}

struct node *parse_command(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_COMMAND, parsing_look(p, LEXER_ARGUMENT)->at), **end;
    if (!node || !take_name(p, node))
        return NULL;
    end = &node->second;
    while (!ends_command(parsing_look(p, LEXER_ARGUMENT))) {
        *end = one_argument(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    return parsing_finish(p, node);
}
