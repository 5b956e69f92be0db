/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/parser.h"

#include "shell/parsing.h"
#include "shell/value.h"

#include <stdarg.h>
#include <stdio.h>

enum { COMPLAINT_MAX = 600 };

struct place_in_source node_place(struct slice source, size_t at)
{
    struct place_in_source place = {.line = 1, .column = 1};
    size_t begin = 0, end;
    at = at < source.len ? at : source.len;
    for (size_t i = 0; i < at; i++) {
        if (source.at[i] != '\n')
            continue;
        place.line++;
        begin = i + 1;
    }
    place.column = text_columns(slice_first(slice_after(source, begin), at - begin)) + 1;
    place.text = slice_after(source, begin);
    if (slice_find(place.text, '\n', &end))
        place.text = slice_first(place.text, end);
    return place;
}

struct slice node_source(const struct node *node)
{
    return slice_first(slice_after(node->source, node->at), node->len);
}

const struct token *parsing_look(struct parsing *p, enum lexer_mode mode)
{
    if (p->looked && p->mode == mode)
        return &p->token;
    p->after = p->lexer;
    p->mode = mode;
    p->looked = true;
    lexer_next(&p->after, mode, &p->token);
    return &p->token;
}

void parsing_take(struct parsing *p)
{
    p->lexer = p->after;
    p->looked = false;
    p->last_end = p->token.end;
}

void parsing_skip_lines(struct parsing *p)
{
    while (parsing_look(p, LEXER_EXPRESSION)->kind == TOKEN_LINE)
        parsing_take(p);
}

bool parsing_take_symbol(struct parsing *p, const char *symbol)
{
    if (!token_is(parsing_look(p, LEXER_EXPRESSION), symbol))
        return false;
    parsing_take(p);
    return true;
}

bool parsing_expect(struct parsing *p, const char *symbol, const char *what)
{
    if (p->failed)
        return false;
    if (parsing_take_symbol(p, symbol))
        return true;
    char wanted[80];
    snprintf(wanted, sizeof(wanted), "%s of %s", symbol, what);
    parsing_fail_token(p, wanted);
    return false;
}

struct node *parsing_list(struct parsing *p, struct node *(*part)(struct parsing *p),
                          const char *what)
{
    struct node *first = NULL, **end = &first;
    parsing_skip_lines(p);
    if (parsing_take_symbol(p, ")"))
        return NULL;
    do {
        parsing_skip_lines(p);
        *end = part(p);
        if (!*end)
            return NULL;
        end = &(*end)->next;
        parsing_skip_lines(p);
    } while (parsing_take_symbol(p, ","));
    return parsing_expect(p, ")", what) ? first : NULL;
}

bool parsing_enter(struct parsing *p)
{
    if (p->failed)
        return false;
    if (++p->depth <= PARSER_NESTING_MAX)
        return true;
    p->depth--;
    parsing_fail(p, p->lexer.at, "this is nested more than %d deep", PARSER_NESTING_MAX);
    return false;
}

void parsing_leave(struct parsing *p)
{
    p->depth--;
}

struct node *parsing_fail(struct parsing *p, size_t at, const char *format, ...)
{
    if (p->failed)
        return NULL;
    char complaint[COMPLAINT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, sizeof(complaint), format, arguments);
    va_end(arguments);
    value_append_safe(p->error, slice_of(complaint));
    p->failed = true;
    p->error_at = at;
    return NULL;
}

struct node *parsing_fail_token(struct parsing *p, const char *wanted)
{
    const struct token *token = &p->token;
    if (token->kind == TOKEN_WRONG) {
        p->incomplete = p->after.incomplete;
        return parsing_fail(p, token->at, "%s", p->after.complaint);
    }
    if (token->kind == TOKEN_END) {
        p->incomplete = true;
        return parsing_fail(p, token->at, "the script ends where %s is missing", wanted);
    }
    if (token->kind == TOKEN_LINE)
        return parsing_fail(p, token->at, "the line ends where %s is missing", wanted);
    struct slice found = slice_first(slice_after(p->source, token->at), token->end - token->at);
    return parsing_fail(p, token->at, "\"%.*s\" stands where %s is missing",
                        SLICE_ARG(slice_first(found, 60)), wanted);
}

struct node *parsing_make(struct parsing *p, enum node_kind kind, size_t at)
{
    struct node *node = p->failed ? NULL : arena_take(p->arena, sizeof(*node));
    if (!node)
        return parsing_fail(p, at, "the script is too large");
    node->kind = kind;
    node->at = (uint32_t)at;
    node->source = p->source;
    return node;
}

struct node *parsing_finish(struct parsing *p, struct node *node)
{
    if (p->failed || !node)
        return NULL;
    node->len = p->last_end > node->at ? (uint32_t)(p->last_end - node->at) : 0;
    return node;
}

static bool is_utf8_or_plain(struct slice source, size_t *out_at)
{
    return !slice_find(source, '\0', out_at);
}

bool parser_parse(struct slice source, struct arena *arena, struct parsed *out, struct text *error)
{
    struct parsing p = {.arena = arena, .error = error};
    *out = (struct parsed){0};
    if (source.len > PARSER_SOURCE_MAX || !arena_copy(arena, source, &p.source)) {
        text_append_format(error, "the script is larger than %d MB", PARSER_SOURCE_MAX >> 20);
        return false;
    }
    p.lexer = lexer_over(p.source, 0, arena);
    size_t zero;
    if (!is_utf8_or_plain(p.source, &zero))
        parsing_fail(&p, zero, "a zero byte: this is no text; save the script as UTF-8");
    struct node *block = parsing_make(&p, NODE_BLOCK, 0);
    struct node *body = p.failed ? NULL : parse_statements(&p, NULL);
    out->source = p.source;
    out->error_at = p.error_at;
    out->incomplete = p.incomplete;
    if (p.failed || !body)
        return false;
    block->first = body->first;
    block->second = body->second;
    out->statements = parsing_finish(&p, block);
    return true;
}
