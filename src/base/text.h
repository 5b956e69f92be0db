/* SPDX-License-Identifier: Apache-2.0 */
/* text - owned bytes that grow, up to a ceiling fixed at birth.
 *
 * Nothing grows without a ceiling: an append that would pass it, or that finds no memory, is
 * not done at all, and the text remembers that (`truncated`). Callers may append many pieces
 * and look once at the end. A text may also live in storage of the caller (text_over): then it
 * never allocates and its ceiling is the storage.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/attributes.h"
#include "base/slice.h"

#include <stdarg.h>

struct text {
    char *at;
    size_t len;
    size_t capacity;
    size_t ceiling;
    bool fixed;     /* storage belongs to the caller */
    bool truncated; /* an append was refused */
};

struct text text_with_ceiling(size_t ceiling); /* heap, grows on demand; free with text_deinit */
struct text text_over(char *storage, size_t capacity); /* never allocates */
void text_deinit(struct text *text);                   /* accepts NULL and half-built ones */
void text_clear(struct text *text);                    /* empty again; storage and ceiling stay */

bool text_append(struct text *text, struct slice bytes);
bool text_append_c(struct text *text, const char *c_string);
bool text_append_byte(struct text *text, char byte);
bool text_append_u64(struct text *text, uint64_t number);
bool text_append_i64(struct text *text, int64_t number);
bool text_append_lower(struct text *text, struct slice bytes); /* ASCII lower case */
PRINTF_LIKE(2, 3) bool text_append_format(struct text *text, const char *format, ...);

/* Bytes of a peer made fit for a log, a terminal or a reply: control bytes, non-ASCII bytes,
 * backslash and double quote become \xNN; at most `max` input bytes are shown, then "...". */
bool text_append_escaped(struct text *text, struct slice bytes, size_t max);

void text_consume(struct text *text, size_t count); /* drops bytes from the front */
struct slice text_slice(const struct text *text);   /* borrowed until the next change */
/* The bytes with a NUL behind them, for the edge of libc; NULL when there is no room for it. */
const char *text_c_string(struct text *text);

#endif
