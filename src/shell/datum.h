/* SPDX-License-Identifier: Apache-2.0 */
/* datum - one value of a running script.
 *
 * A datum travels by value. What does not fit into it lives in a cell of the heap, which belongs to
 * the heap and to nobody else (shell/heap): data are copied freely and never freed by hand.
 */
#ifndef SHELL_DATUM_H
#define SHELL_DATUM_H

#include "base/slice.h"

enum datum_kind {
    DATUM_NULL,
    DATUM_BOOL,
    DATUM_INTEGER,
    DATUM_REAL,
    DATUM_DATE, /* number: milliseconds since 1970, UTC */
    DATUM_SPAN, /* number: milliseconds */
    DATUM_SIZE, /* number: bytes, shown as "36 MB (37,748,736 bytes)" */
    DATUM_TYPE, /* number: enum type_kind, to the right of -is */
    DATUM_TEXT,
    DATUM_SECRET, /* a text that is never shown */
    DATUM_BYTES,
    DATUM_LIST,
    DATUM_TABLE,  /* keys and values, in the order they came in */
    DATUM_OBJECT, /* the same, with a noun: what a cmdlet gave */
    DATUM_BLOCK   /* { statements } */
};

struct cell;
struct text_cell;
struct list_cell;
struct map_cell;
struct node;

struct datum {
    enum datum_kind kind;
    union {
        bool yes;
        int64_t number;
        double real;
        struct cell *cell;
        struct text_cell *text; /* TEXT, SECRET, BYTES */
        struct list_cell *list;
        struct map_cell *map; /* TABLE, OBJECT */
        const struct node *block;
    };
};

static inline struct datum datum_null(void)
{
    return (struct datum){.kind = DATUM_NULL};
}
static inline struct datum datum_bool(bool yes)
{
    return (struct datum){.kind = DATUM_BOOL, .yes = yes};
}
static inline struct datum datum_number(enum datum_kind kind, int64_t number)
{
    return (struct datum){.kind = kind, .number = number};
}
static inline struct datum datum_integer(int64_t number)
{
    return datum_number(DATUM_INTEGER, number);
}
static inline struct datum datum_real(double real)
{
    return (struct datum){.kind = DATUM_REAL, .real = real};
}
static inline bool datum_has_cell(struct datum datum)
{
    return datum.kind >= DATUM_TEXT && datum.kind != DATUM_BLOCK;
}
static inline bool datum_is_text(struct datum datum)
{
    return datum.kind == DATUM_TEXT || datum.kind == DATUM_SECRET || datum.kind == DATUM_BYTES;
}
static inline bool datum_is_map(struct datum datum)
{
    return datum.kind == DATUM_TABLE || datum.kind == DATUM_OBJECT;
}

#endif
