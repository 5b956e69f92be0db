/* SPDX-License-Identifier: Apache-2.0 */
/* "Texts with $names and $(expressions) in them". */
#include "shell/parsing.h"
#include "shell/paste.h"

#include <string.h>

enum { CODE_DIGITS_MAX = 6, CODE_MAX = 0x10ffff };

struct expanding {
    struct parsing *p;
    struct slice raw;
    bool here;
    char *decoded; /* room for all literal bytes, handed out from the front */
    size_t begin, len;
    struct node **end;
};

static size_t offset_of(const struct expanding *e, const char *at)
{
    return (size_t)(at - e->p->source.at);
}

static bool add_part(struct expanding *e, struct node *part)
{
    if (!part)
        return false;
    *e->end = part;
    e->end = &part->next;
    return true;
}

/* What was gathered so far becomes a part. */
static bool end_literal(struct expanding *e)
{
    if (e->len == e->begin)
        return true;
    struct node *node = parsing_make(e->p, NODE_TEXT, offset_of(e, e->raw.at));
    if (node)
        node->text = slice_bytes(e->decoded + e->begin, e->len - e->begin);
    e->begin = e->len;
    return add_part(e, node);
}

static void gather(struct expanding *e, const char *at, size_t len)
{
    memcpy(e->decoded + e->len, at, len);
    e->len += len;
    e->raw = slice_after(e->raw, (size_t)(at - e->raw.at) + len);
}

/* RFC 3629. The bytes are fewer than what stands for the character. */
static void add_character(struct expanding *e, uint32_t code)
{
    static const unsigned char marks[] = {0x00, 0xc0, 0xe0, 0xf0};
    size_t behind = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    e->decoded[e->len++] = (char)(marks[behind] | code >> 6 * behind);
    while (behind-- > 0)
        e->decoded[e->len++] = (char)(0x80 | (code >> 6 * behind & 0x3f));
}

/* `u{...}: a character by its number. */
static bool escaped_number(struct expanding *e)
{
    struct slice rest = e->raw;
    size_t digit;
    uint32_t code = 0;
    if (!slice_take_prefix(&rest, SLICE("`u{")))
        return false;
    for (size_t i = 0; i < CODE_DIGITS_MAX && rest.len > 0 && rest.at[0] != '}'; i++) {
        if (!slice_find(SLICE("0123456789abcdef"), ascii_lower(rest.at[0]), &digit))
            return false;
        code = code * 16 + (uint32_t)digit;
        rest = slice_after(rest, 1);
    }
    bool is_character = code <= CODE_MAX && (code < 0xd800 || code > 0xdfff);
    if (!is_character || !slice_take_prefix(&rest, SLICE("}")))
        return false;
    add_character(e, code);
    e->raw = rest;
    return true;
}

static void escape(struct expanding *e)
{
    if (escaped_number(e))
        return;
    static const struct {
        char written, means;
    } escapes[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'0', '\0'}, {'a', '\a'},
                   {'b', '\b'}, {'f', '\f'}, {'v', '\v'}, {'e', 0x1b}};
    char byte = e->raw.len > 1 ? e->raw.at[1] : '`';
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        if (escapes[i].written == byte) {
            byte = escapes[i].means;
            break;
        }
    }
    e->decoded[e->len++] = byte;
    e->raw = slice_after(e->raw, 2);
}

/* The statements between "$(" and its ")", read by a parser of their own. */
static struct node *subexpression(struct expanding *e)
{
    struct parsing *p = e->p;
    struct lexer saved = p->lexer;
    size_t at = offset_of(e, e->raw.at), end = at + e->raw.len;
    if (!parsing_enter(p))
        return NULL;
    p->lexer = lexer_over(slice_first(p->source, end), at, p->arena);
    p->looked = false;
    struct node *node = parse_primary(p);
    e->raw = slice_after(e->raw, p->lexer.at - at);
    p->lexer = saved;
    p->looked = false;
    parsing_leave(p);
    return node;
}

static bool variable(struct expanding *e)
{
    struct parsing *p = e->p;
    size_t at = offset_of(e, e->raw.at);
    struct lexer lexer = lexer_over(slice_first(p->source, at + e->raw.len), at, p->arena);
    struct token token = {.at = at};
    if (!lexer_variable(&lexer, &token)) {
        gather(e, e->raw.at, 1);
        return true;
    }
    if (token.kind == TOKEN_WRONG) {
        parsing_fail(p, at, "%s", lexer.complaint);
        return false;
    }
    struct node *node = end_literal(e) ? parsing_make(p, NODE_VARIABLE, at) : NULL;
    if (!node)
        return false;
    node->text = token.text;
    node->len = (uint32_t)(lexer.at - at);
    e->raw = slice_after(e->raw, lexer.at - at);
    return add_part(e, node);
}

static bool next_piece(struct expanding *e)
{
    char quote;
    size_t len = paste_quote(e->raw, &quote);
    if (e->raw.at[0] == '`') {
        escape(e);
        return true;
    }
    if (slice_starts(e->raw, SLICE("$(")))
        return end_literal(e) && add_part(e, subexpression(e));
    if (e->raw.at[0] == '$')
        return variable(e);
    if (slice_starts(e->raw, SLICE("\xc2\xa0"))) { /* a no-break space is meant as a space */
        e->decoded[e->len++] = ' ';
        e->raw = slice_after(e->raw, 2);
        return true;
    }
    gather(e, e->raw.at, len > 0 ? len : 1);
    if (len > 0 && quote == '"' && !e->here) /* the second of two */
        e->raw = slice_after(e->raw, paste_quote(e->raw, &quote));
    return true;
}

/* A text without any $ is a text. */
static struct node *simplest(struct node *expand)
{
    struct node *only = expand->first;
    if (!only) {
        expand->kind = NODE_TEXT;
        expand->text = SLICE("");
    } else if (!only->next && only->kind == NODE_TEXT) {
        expand->kind = NODE_TEXT;
        expand->text = only->text;
        expand->first = NULL;
    }
    return expand;
}

struct node *parse_expandable(struct parsing *p, const struct token *token)
{
    struct node *node = parsing_make(p, NODE_EXPAND, token->at);
    if (!node)
        return NULL;
    node->len = (uint32_t)(token->end - token->at);
    size_t last_end = p->last_end;
    struct expanding e = {.p = p, .raw = token->text, .here = token->here, .end = &node->first};
    e.decoded = arena_take(p->arena, token->text.len + 1);
    if (!e.decoded)
        return parsing_fail(p, token->at, "the script is too large");
    while (e.raw.len > 0)
        if (!next_piece(&e))
            return NULL;
    if (!end_literal(&e))
        return NULL;
    p->last_end = last_end;
    return simplest(node);
}
