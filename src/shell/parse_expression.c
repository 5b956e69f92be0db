/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: operators by how tightly they bind. */
#include "shell/parsing.h"
#include "shell/type.h"

enum { SHOWN = 60, LIST_MAX = 400 };

/* --- types --- */

bool parse_type_name(struct parsing *p, struct slice *out_name)
{
    size_t begin = p->lexer.at, open = 1, i = begin;
    for (; i < p->source.len && open > 0 && p->source.at[i] != '\n'; i++) {
        open += p->source.at[i] == '[' ? 1 : 0;
        open -= p->source.at[i] == ']' ? 1 : 0;
    }
    if (open > 0) {
        parsing_fail(p, begin, "the type that begins with [ has no end ]");
        return false;
    }
    *out_name = slice_trim(slice_first(slice_after(p->source, begin), i - 1 - begin));
    p->lexer.at = i;
    p->lexer.line_begins = false;
    p->looked = false;
    p->last_end = i;
    return true;
}

static struct node *refuse_type(struct parsing *p, size_t at, struct slice name)
{
    char storage[LIST_MAX];
    struct text list = text_over(storage, sizeof(storage));
    type_say_list(&list);
    return parsing_fail(p, at, "the type [%.*s] is not part of this shell. There are %.*s",
                        SLICE_ARG(slice_first(name, SHOWN)), SLICE_ARG(text_slice(&list)));
}

static struct node *arguments_of_call(struct parsing *p)
{
    return parsing_list(p, parse_without_commas, "the arguments");
}

static bool opens_at_once(struct parsing *p, const char *symbol)
{
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    return token_is(token, symbol) && !token->blank_before;
}

static struct node *static_member(struct parsing *p, size_t at, struct slice type)
{
    struct node *node = parsing_make(p, NODE_STATIC, at);
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    if (!node || token->kind != TOKEN_WORD)
        return parsing_fail_token(p, "the name behind ::");
    size_t end = token->end;
    parsing_take(p);
    node->text = slice_first(slice_after(p->source, (size_t)(type.at - p->source.at)),
                             end - (size_t)(type.at - p->source.at));
    if (opens_at_once(p, "(")) {
        parsing_take(p);
        node->flag = true;
        node->second = arguments_of_call(p);
    }
    return parse_postfix(p, parsing_finish(p, node));
}

/* [int]$x, [System.IO.File]::ReadAllBytes(...), or a type alone behind -is. */
static struct node *bracketed(struct parsing *p)
{
    size_t at = parsing_look(p, LEXER_EXPRESSION)->at;
    struct slice name;
    parsing_take(p);
    if (!parse_type_name(p, &name))
        return NULL;
    if (opens_at_once(p, "::")) {
        parsing_take(p);
        return static_member(p, at, name);
    }
    if (type_of(name) == TYPE_NONE)
        return refuse_type(p, at, name);
    const struct token *next = parsing_look(p, LEXER_EXPRESSION);
    bool ends = next->kind == TOKEN_LINE || next->kind == TOKEN_END ||
                next->kind == TOKEN_OPERATOR || token_is(next, ")") || token_is(next, "}") ||
                token_is(next, ",") || token_is(next, "|");
    struct node *node = parsing_make(p, ends ? NODE_TYPE : NODE_CAST, at);
    if (!node)
        return NULL;
    node->text = name;
    if (!ends)
        node->first = parse_expression(p, POWER_COMMA);
    return parsing_finish(p, node);
}

/* --- in front of an operand --- */

static enum operator_kind prefix_of(const struct token *token)
{
    bool cased;
    if (token_is(token, "!"))
        return OPERATOR_NOT;
    if (token_is(token, "-"))
        return OPERATOR_NEGATE;
    if (token_is(token, "+"))
        return OPERATOR_ADD;
    if (token_is(token, ","))
        return OPERATOR_COMMA;
    if (token_is(token, "++"))
        return OPERATOR_INCREMENT;
    if (token_is(token, "--"))
        return OPERATOR_DECREMENT;
    if (token->kind != TOKEN_OPERATOR)
        return OPERATOR_NONE;
    const struct operator_row *row = operator_of_word(token->text, &cased);
    bool unary = row && (row->action == OPERATOR_NOT || row->action == OPERATOR_SPLIT ||
                         row->action == OPERATOR_JOIN);
    return unary ? row->action : OPERATOR_NONE;
}

static struct node *prefixed(struct parsing *p, enum operator_kind action)
{
    bool list = action == OPERATOR_COMMA;
    struct node *node = parsing_make(p, list ? NODE_LIST : NODE_UNARY, p->token.at);
    parsing_take(p);
    parsing_skip_lines(p);
    if (!node)
        return NULL;
    node->action = action;
    node->first = parse_expression(p, list ? POWER_COMMA : POWER_UNARY);
    return parsing_finish(p, node);
}

static struct node *operand(struct parsing *p)
{
    if (!parsing_enter(p))
        return NULL;
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    enum operator_kind action = prefix_of(token);
    struct node *node = action != OPERATOR_NONE ? prefixed(p, action)
                        : token_is(token, "[")  ? bracketed(p)
                                                : parse_postfix(p, parse_primary(p));
    parsing_leave(p);
    return node;
}

/* --- between operands --- */

static const struct operator_row *infix_of(struct parsing *p, bool *out_cased)
{
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    *out_cased = false;
    if (p->comma_ends && token_is(token, ","))
        return NULL;
    if (token->kind == TOKEN_SYMBOL)
        return operator_of_symbol(token->text);
    if (token->kind != TOKEN_OPERATOR)
        return NULL;
    const struct operator_row *row = operator_of_word(token->text, out_cased);
    if (row)
        return row;
    char storage[200];
    struct text complaint = text_over(storage, sizeof(storage));
    operator_say_nearest(token->text, &complaint);
    parsing_fail(p, token->at, "%.*s", SLICE_ARG(text_slice(&complaint)));
    return NULL;
}

static struct node *list_of(struct parsing *p, struct node *left)
{
    struct node *list = parsing_make(p, NODE_LIST, left->at), **end;
    if (!list)
        return NULL;
    list->first = left;
    end = &left->next;
    while (parsing_take_symbol(p, ",")) {
        parsing_skip_lines(p);
        *end = parse_expression(p, POWER_COMMA);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    return parsing_finish(p, list);
}

static struct node *binary_of(struct parsing *p, struct node *left, const struct operator_row *row,
                              bool cased)
{
    struct node *node = parsing_make(p, NODE_BINARY, left->at);
    parsing_take(p);
    parsing_skip_lines(p);
    if (!node)
        return NULL;
    node->action = row->action;
    node->flag = cased;
    node->first = left;
    node->second = parse_expression(p, row->power);
    return parsing_finish(p, node);
}

struct node *parse_expression(struct parsing *p, enum operator_power above)
{
    struct node *left = operand(p);
    while (left && !p->failed) {
        bool cased;
        const struct operator_row *row = infix_of(p, &cased);
        if (!row || row->power <= above)
            break;
        left = row->action == OPERATOR_COMMA ? list_of(p, left) : binary_of(p, left, row, cased);
    }
    return p->failed ? NULL : left;
}

struct node *parse_without_commas(struct parsing *p)
{
    bool saved = p->comma_ends;
    p->comma_ends = true;
    struct node *node = parse_expression(p, POWER_NONE);
    p->comma_ends = saved;
    return node;
}

/* --- behind an operand --- */

static bool is_member_name(const struct token *token)
{
    return !token->blank_before && (token->kind == TOKEN_WORD || token->kind == TOKEN_INTEGER ||
                                    token->kind == TOKEN_VARIABLE || token->kind == TOKEN_TEXT ||
                                    token->kind == TOKEN_EXPANDABLE || token_is(token, "("));
}

static struct node *member_of(struct parsing *p, struct node *object)
{
    parsing_take(p);
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    struct slice name = token->text;
    if (!is_member_name(token))
        return parsing_fail_token(p, "the name of a property");
    bool word = token->kind == TOKEN_WORD || token->kind == TOKEN_INTEGER;
    struct node *node = parsing_make(p, NODE_MEMBER, object->at);
    if (!node)
        return NULL;
    node->first = object;
    node->text = name;
    if (word)
        parsing_take(p);
    else
        node->second = parse_primary(p);
    if (word && opens_at_once(p, "(")) {
        parsing_take(p);
        node->kind = NODE_METHOD;
        node->second = arguments_of_call(p);
    }
    return parsing_finish(p, node);
}

static struct node *index_of(struct parsing *p, struct node *object)
{
    struct node *node = parsing_make(p, NODE_INDEX, object->at);
    parsing_take(p);
    parsing_skip_lines(p);
    if (!node)
        return NULL;
    node->first = object;
    bool saved = p->comma_ends;
    p->comma_ends = false;
    node->second = parse_expression(p, POWER_NONE);
    p->comma_ends = saved;
    parsing_skip_lines(p);
    return parsing_expect(p, "]", "the index") ? parsing_finish(p, node) : NULL;
}

static struct node *step_of(struct parsing *p, struct node *object, enum operator_kind action)
{
    struct node *node = parsing_make(p, NODE_UNARY, object->at);
    parsing_take(p);
    if (!node)
        return NULL;
    node->action = action;
    node->flag = true;
    node->first = object;
    return parsing_finish(p, node);
}

struct node *parse_postfix(struct parsing *p, struct node *object)
{
    while (object && !p->failed) {
        if (opens_at_once(p, "."))
            object = member_of(p, object);
        else if (opens_at_once(p, "["))
            object = index_of(p, object);
        else if (opens_at_once(p, "++") || opens_at_once(p, "--"))
            object = step_of(p, object,
                             token_is(&p->token, "++") ? OPERATOR_INCREMENT : OPERATOR_DECREMENT);
        else
            break;
    }
    return p->failed ? NULL : object;
}
