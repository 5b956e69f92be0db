/* SPDX-License-Identifier: Apache-2.0 */
/* slice - borrowed bytes: where they begin and how many there are.
 *
 * A slice travels by value, owns nothing and is never freed; it stays valid as long as the
 * bytes it points into. It may hold any byte, NUL included: nothing here stops at a NUL.
 * Parsers consume a slice from the left. `{NULL, 0}` is the empty slice.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *at;
    size_t len;
};
_Static_assert(sizeof(struct slice) <= 2 * sizeof(void *), "a slice travels in two registers");

/* A slice of a string literal: SLICE("EHLO"). */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
/* The same for static initialisers: {.verb = SLICE_INIT("EHLO")}. */
#define SLICE_INIT(literal)                                                                        \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
/* For printf: "%.*s", SLICE_ARG(s). The length is cut at INT_MAX. */
#define SLICE_ARG(s) ((s).len > 0x7fffffff ? 0x7fffffff : (int)(s).len), ((s).len ? (s).at : "")

struct slice slice_of(const char *c_string); /* NULL gives the empty slice */
struct slice slice_bytes(const void *at, size_t len);
struct slice slice_load(const void *slice); /* a slice that lies there: a member by its offset */

bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b); /* ASCII letters only */
int slice_compare(struct slice a, struct slice b);       /* bytes, then length: a total order */
int slice_compare_nocase(struct slice a, struct slice b);
size_t slice_hash_nocase(struct slice s); /* for tables in memory; the same for equal ones */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends_nocase(struct slice s, struct slice suffix);
bool slice_find(struct slice s, char byte, size_t *out_index);
bool slice_contains(struct slice s, struct slice part);
bool slice_all_ascii(struct slice s); /* no byte above 0x7f */

struct slice slice_first(struct slice s, size_t count); /* at most count bytes */
struct slice slice_after(struct slice s, size_t count); /* what is left behind them */
struct slice slice_trim(struct slice s);                /* without blanks and tabs at both ends */
/* Copies the bytes to *at, steps over them, and gives the copy: texts of an object that lie behind
 * it in one piece of memory. The room is the caller's to see to. */
struct slice slice_pack(char **at, struct slice s);

/* Takes what stands before the first `byte` and steps over it. False, and nothing taken, when
 * `byte` does not occur. */
bool slice_take_until(struct slice *rest, char byte, struct slice *out_taken);
/* Takes the next field of a list: up to `byte`, or all that is left. False when rest is empty. */
bool slice_take_field(struct slice *rest, char byte, struct slice *out_taken);
/* Takes the longest run of blanks and tabs, then the word behind it. False when none is left. */
bool slice_take_word(struct slice *rest, struct slice *out_word);
/* Steps over `prefix` when rest begins with it. */
bool slice_take_prefix(struct slice *rest, struct slice prefix);
bool slice_take_prefix_nocase(struct slice *rest, struct slice prefix);

/* Here, because they are asked of each byte of whatever is compared. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool ascii_is_alpha(char c)
{
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_alnum(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c);
}

#endif
