/* SPDX-License-Identifier: Apache-2.0 */
/* parsing - what the parts of the parser share: one token of lookahead, and one error.
 *
 * A function that parses gives NULL once something is wrong; the first complaint stays. The
 * lookahead is read again when somebody asks for it in the other mode.
 */
#ifndef SHELL_PARSING_H
#define SHELL_PARSING_H

#include "shell/lexer.h"
#include "shell/node.h"
#include "shell/parser.h"

struct parsing {
    struct lexer lexer; /* before the lookahead */
    struct lexer after; /* behind it */
    struct token token;
    enum lexer_mode mode;
    bool looked;
    size_t last_end; /* of what was taken */
    struct arena *arena;
    struct slice source;
    struct text *error;
    size_t error_at;
    bool failed, incomplete;
    size_t depth;
    bool comma_ends; /* a comma ends the expression: it is between the arguments of a call */
};

const struct token *parsing_look(struct parsing *p, enum lexer_mode mode);
void parsing_take(struct parsing *p); /* steps over the lookahead */
void parsing_skip_lines(struct parsing *p);
bool parsing_take_symbol(struct parsing *p, const char *symbol); /* when it is next */
/* The same, or a complaint; `what` stands for the construct. */
bool parsing_expect(struct parsing *p, const char *symbol, const char *what);
bool parsing_enter(struct parsing *p); /* false: nested too deeply */
void parsing_leave(struct parsing *p);
PRINTF_LIKE(3, 4)
struct node *parsing_fail(struct parsing *p, size_t at, const char *format, ...);
struct node *parsing_fail_token(struct parsing *p, const char *wanted);
struct node *parsing_make(struct parsing *p, enum node_kind kind, size_t at);
struct node *parsing_finish(struct parsing *p, struct node *node); /* sets its length */

/* Behind "(", to ")": parts with commas and lines between, linked by `next`; `what` stands for
 * them. NULL is also none at all. */
struct node *parsing_list(struct parsing *p, struct node *(*part)(struct parsing *p),
                          const char *what);

/* --- the parts --- */
struct node *parse_statements(struct parsing *p, const char *closing); /* NODE_SEQUENCE */
struct node *parse_statement(struct parsing *p);
struct node *parse_keyword(struct parsing *p, bool *out_is_keyword);
struct node *parse_block(struct parsing *p);      /* behind "{", to its "}": NODE_BLOCK */
struct node *parse_braces(struct parsing *p);     /* { statements }: NODE_SEQUENCE */
struct node *parse_parameters(struct parsing *p); /* behind "(", to its ")" */
struct node *parse_command(struct parsing *p);    /* at its name */
struct node *parse_argument(struct parsing *p);   /* one value, or a list with commas */
struct node *parse_expression(struct parsing *p, enum operator_power above);
struct node *parse_without_commas(struct parsing *p);
struct node *parse_primary(struct parsing *p);
struct node *parse_postfix(struct parsing *p, struct node *object);
struct node *parse_expandable(struct parsing *p, const struct token *token);
/* Behind "[": the type and its "]". */
bool parse_type_name(struct parsing *p, struct slice *out_name);

#endif
