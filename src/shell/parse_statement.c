/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that begin with no keyword: pipelines and assignments; and lists of statements. */
#include "shell/parsing.h"
#include "shell/paste.h"

/* Whether what is next is an expression, not the name of a cmdlet. */
static bool begins_expression(struct parsing *p)
{
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    struct slice rest = slice_after(p->source, token->at);
    char quote;
    if (token->kind == TOKEN_WORD || token->kind == TOKEN_EXPANDABLE)
        return paste_quote(rest, &quote) > 0 || paste_dash(rest) > 0 || rest.at[0] == '[' ||
               rest.at[0] == '!' || rest.at[0] == '+' || rest.at[0] == '$' || rest.at[0] == '@' ||
               ascii_is_digit(rest.at[0]);
    return !token_is(token, "&");
}

static struct node *element(struct parsing *p, bool first)
{
    if (!begins_expression(p))
        return parse_command(p);
    if (first)
        return parse_expression(p, POWER_NONE);
    return parsing_fail_token(p, "the name of a cmdlet");
}

static bool take_bar(struct parsing *p)
{
    if (!parsing_take_symbol(p, "|"))
        return false;
    parsing_skip_lines(p);
    return true;
}

static struct node *pipeline_behind(struct parsing *p, struct node *first)
{
    struct node *node = parsing_make(p, NODE_PIPELINE, first->at), **end = &first->next;
    if (!node)
        return NULL;
    node->first = first;
    while (take_bar(p)) {
        *end = element(p, false);
        if (!*end)
            return NULL;
        end = &(*end)->next;
    }
    return parsing_finish(p, node);
}

/* --- assignments --- */

static bool assignment_of(struct parsing *p, enum operator_kind *out_action)
{
    static const struct {
        const char *symbol;
        enum operator_kind action;
    } assignments[] = {{"=", OPERATOR_NONE},      {"+=", OPERATOR_ADD},
                       {"-=", OPERATOR_SUBTRACT}, {"*=", OPERATOR_MULTIPLY},
                       {"/=", OPERATOR_DIVIDE},   {"%=", OPERATOR_REMAINDER}};
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    for (size_t i = 0; i < COUNT_OF(assignments); i++) {
        if (!token_is(token, assignments[i].symbol))
            continue;
        *out_action = assignments[i].action;
        return true;
    }
    return false;
}

static bool may_be_assigned(const struct node *target)
{
    if (target->kind == NODE_CAST)
        return target->first->kind == NODE_VARIABLE;
    if (target->kind != NODE_LIST)
        return target->kind == NODE_VARIABLE || target->kind == NODE_MEMBER ||
               target->kind == NODE_INDEX;
    for (const struct node *element = target->first; element; element = element->next)
        if (element->kind != NODE_VARIABLE)
            return false;
    return true;
}

static struct node *assignment(struct parsing *p, struct node *target, enum operator_kind action)
{
    if (!may_be_assigned(target))
        return parsing_fail(p, p->token.at,
                            "only a variable, a property or an element can stand "
                            "to the left of =");
    struct node *node = parsing_make(p, NODE_ASSIGN, target->at);
    parsing_take(p);
    parsing_skip_lines(p);
    if (!node)
        return NULL;
    node->action = action;
    node->first = target;
    node->second = parse_statement(p);
    return parsing_finish(p, node);
}

static struct node *plain_statement(struct parsing *p)
{
    enum operator_kind action;
    bool expression = begins_expression(p);
    struct node *first = element(p, true);
    if (!first)
        return NULL;
    if (expression && assignment_of(p, &action))
        return assignment(p, first, action);
    return pipeline_behind(p, first);
}

struct node *parse_statement(struct parsing *p)
{
    bool is_keyword = false;
    if (!parsing_enter(p))
        return NULL;
    struct node *node = parse_keyword(p, &is_keyword);
    if (!is_keyword && !p->failed)
        node = plain_statement(p);
    parsing_leave(p);
    return p->failed ? NULL : node;
}

/* --- lists of statements --- */

static bool ends_statements(struct parsing *p, const char *closing)
{
    const struct token *token = parsing_look(p, LEXER_EXPRESSION);
    return closing ? token_is(token, closing) || token->kind == TOKEN_END
                   : token->kind == TOKEN_END;
}

static bool needs_no_end(const struct node *statement)
{
    return statement->kind >= NODE_IF && statement->kind <= NODE_FUNCTION;
}

/* param ( ... ) in front of the statements of a script or block. */
static bool take_param(struct parsing *p, struct node *body)
{
    for (;;) { /* [CmdletBinding()] */
        struct lexer saved = p->lexer;
        struct slice name;
        if (!token_is(parsing_look(p, LEXER_EXPRESSION), "["))
            break;
        parsing_take(p);
        if (!parse_type_name(p, &name))
            return false;
        if (slice_starts_nocase(name, SLICE("CmdletBinding("))) {
            parsing_skip_lines(p);
            continue;
        }
        p->lexer = saved;
        p->looked = false;
        break;
    }
    const struct token *token = parsing_look(p, LEXER_ARGUMENT);
    if (token->kind != TOKEN_WORD || !slice_equal_nocase(token->text, SLICE("param")))
        return true;
    parsing_take(p);
    parsing_skip_lines(p);
    if (!parsing_expect(p, "(", "param"))
        return false;
    body->second = parse_parameters(p);
    return !p->failed;
}

struct node *parse_statements(struct parsing *p, const char *closing)
{
    struct node *node = parsing_make(p, NODE_SEQUENCE, p->last_end), **end;
    if (!node)
        return NULL;
    end = &node->first;
    parsing_skip_lines(p);
    if (!take_param(p, node))
        return NULL;
    for (parsing_skip_lines(p); !ends_statements(p, closing); parsing_skip_lines(p)) {
        *end = parse_statement(p);
        if (!*end)
            return NULL;
        const struct token *token = parsing_look(p, LEXER_EXPRESSION);
        if (token->kind != TOKEN_LINE && !ends_statements(p, closing) && !needs_no_end(*end))
            return parsing_fail_token(p, "the end of the statement");
        end = &(*end)->next;
    }
    return parsing_finish(p, node);
}

struct node *parse_block(struct parsing *p)
{
    struct node *node = parsing_make(p, NODE_BLOCK, p->last_end - 1);
    struct node *body = node ? parse_statements(p, "}") : NULL;
    if (!body || !parsing_expect(p, "}", "the block"))
        return NULL;
    node->first = body->first;
    node->second = body->second;
    return parsing_finish(p, node);
}

struct node *parse_braces(struct parsing *p)
{
    parsing_skip_lines(p);
    if (!parsing_expect(p, "{", "the body"))
        return NULL;
    struct node *body = parse_statements(p, "}");
    return body && parsing_expect(p, "}", "the body") ? body : NULL;
}
