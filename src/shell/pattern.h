/* SPDX-License-Identifier: Apache-2.0 */
/* pattern - wildcards (* ? [a-z]) and regular expressions, both with an end to their patience. */
#ifndef SHELL_PATTERN_H
#define SHELL_PATTERN_H

#include "base/text.h"

bool wildcard_match(struct slice pattern, struct slice text, bool cased);
bool wildcard_in(struct slice pattern); /* whether it has any */

enum pattern_outcome {
    PATTERN_MATCH,
    PATTERN_NO_MATCH,
    PATTERN_BAD,     /* it is no regular expression: `error` says why */
    PATTERN_EXPLODES /* it would take too long */
};

enum { PATTERN_GROUPS_MAX = 32 };

struct pattern_match {
    size_t begin[PATTERN_GROUPS_MAX], end[PATTERN_GROUPS_MAX]; /* begin > end: took no part */
    size_t count;
    const char *names[PATTERN_GROUPS_MAX]; /* of named groups; borrowed until the next pattern */
};

/* The last regular expression, compiled; made on first use. */
struct pattern_cache;
void pattern_cache_free(struct pattern_cache *cache); /* accepts NULL */
/* Looks from `from` on. */
enum pattern_outcome pattern_find(struct pattern_cache **cache, struct slice pattern, bool cased,
                                  struct slice text, size_t from, struct pattern_match *out,
                                  struct text *error);

#endif
