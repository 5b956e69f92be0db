/* SPDX-License-Identifier: Apache-2.0 */
/* Operands: numbers, texts, variables, and what stands in brackets. */
#include "shell/parsing.h"

static struct node *number(struct parsing *p, const struct token *token)
{
    struct node *node =
        parsing_make(p, token->kind == TOKEN_REAL ? NODE_REAL : NODE_INTEGER, token->at);
    if (!node)
        return NULL;
    if (token->kind == TOKEN_REAL)
        node->real = token->real;
    else
        node->integer = token->integer;
    parsing_take(p);
    return parsing_finish(p, node);
}

static struct node *named(struct parsing *p, const struct token *token)
{
    struct node *node =
        parsing_make(p, token->kind == TOKEN_VARIABLE ? NODE_VARIABLE : NODE_TEXT, token->at);
    if (!node)
        return NULL;
    node->text = token->text;
    if (token->kind == TOKEN_VARIABLE && slice_starts_nocase(token->text, SLICE("env:")))
        return parsing_fail(p, token->at,
                            "$env: is not part of this shell: it does not look at the environment");
    parsing_take(p);
    return parsing_finish(p, node);
}

/* ( statement ): its value. */
static struct node *parenthesis(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_PAREN, p->token.at);
    parsing_take(p);
    parsing_skip_lines(p);
    if (!node)
        return NULL;
    if (token_is(parsing_look(p, LEXER_EXPRESSION), ")"))
        return parsing_fail_token(p, "an expression");
    node->first = parse_statement(p);
    parsing_skip_lines(p);
    return node->first && parsing_expect(p, ")", "the parenthesis") ? parsing_finish(p, node)
                                                                    : NULL;
}

/* $( statements ) and @( statements ). */
static struct node *statements_within(struct parsing *p, enum node_kind kind)
{
    struct node *node = parsing_make(p, kind, p->token.at);
    parsing_take(p);
    struct node *body = node ? parse_statements(p, ")") : NULL;
    if (!body || !parsing_expect(p, ")", kind == NODE_ARRAY ? "@(" : "$("))
        return NULL;
    node->first = body->first;
    return parsing_finish(p, node);
}

/* --- @{ key = value; ... } --- */

static struct node *table_key(struct parsing *p)
{
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    if (token->kind != TOKEN_WORD)
        return parse_postfix(p, parse_primary(p));
    struct node *node = parsing_make(p, NODE_TEXT, token->at);
    if (!node)
        return NULL;
    node->text = token->text;
    parsing_take(p);
    return parsing_finish(p, node);
}

static struct node *table(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_TABLE, p->token.at), **end;
    parsing_take(p);
    if (!node)
        return NULL;
    end = &node->first;
    for (parsing_skip_lines(p); !token_is(parsing_look(p, LEXER_EXPRESSION), "}");
         parsing_skip_lines(p)) {
        struct node *key = table_key(p);
        if (!key || !parsing_expect(p, "=", "the table @{ key = value }"))
            return NULL;
        parsing_skip_lines(p);
        struct node *value = parse_statement(p);
        if (!value)
            return NULL;
        struct node *pair = parsing_make(p, NODE_BINARY, key->at);
        if (!pair)
            return NULL;
        pair->first = key;
        pair->second = value;
        *end = pair;
        end = &pair->next;
        const struct token *token = parsing_look(p, LEXER_EXPRESSION);
        if (token->kind != TOKEN_LINE && !token_is(token, "}"))
            return parsing_fail_token(p, "} of the table");
    }
    parsing_take(p);
    return parsing_finish(p, node);
}

static struct node *block(struct parsing *p)
{
    parsing_take(p);
    return parse_block(p);
}

static struct node *bracketed(struct parsing *p, const struct token *token)
{
    if (token_is(token, "("))
        return parenthesis(p);
    if (token_is(token, "$("))
        return statements_within(p, NODE_SUBEXPRESSION);
    if (token_is(token, "@("))
        return statements_within(p, NODE_ARRAY);
    if (token_is(token, "@{"))
        return table(p);
    if (token_is(token, "{"))
        return block(p);
    return parsing_fail_token(p, "a value");
}

/* Within brackets a comma makes a list again. */
static struct node *symbol(struct parsing *p, const struct token *token)
{
    bool saved = p->comma_ends;
    p->comma_ends = false;
    struct node *node = bracketed(p, token);
    p->comma_ends = saved;
    return node;
}

struct node *parse_primary(struct parsing *p)
{
    struct token token = *parsing_look(p, LEXER_EXPRESSION);
    switch (token.kind) {
    case TOKEN_INTEGER:
    case TOKEN_REAL:
        return number(p, &token);
    case TOKEN_TEXT:
    case TOKEN_VARIABLE:
        return named(p, &token);
    case TOKEN_EXPANDABLE:
        parsing_take(p);
        return parse_expandable(p, &token);
    case TOKEN_SYMBOL:
        return symbol(p, &token);
    case TOKEN_WORD:
        return parsing_fail(p, token.at,
                            "\"%.*s\" cannot stand here: a text needs quotes, a cmdlet whose "
                            "result is meant needs parentheses around it",
                            SLICE_ARG(slice_first(token.text, 60)));
    case TOKEN_SPLAT:
        return parsing_fail(p, token.at, "@%.*s is for the arguments of a cmdlet",
                            SLICE_ARG(slice_first(token.text, 60)));
    case TOKEN_END:
    case TOKEN_LINE:
    case TOKEN_PARAMETER:
    case TOKEN_OPERATOR:
    case TOKEN_WRONG:
        break;
    }
    return parsing_fail_token(p, "a value");
}
