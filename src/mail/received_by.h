/* SPDX-License-Identifier: Apache-2.0 */
/* received_by - does a Received field say that one of these hosts took the message in?
 *
 * The word behind "by" (RFC 5321 4.4) is compared with names, case ignored, while the value streams
 * by in pieces of any size; comments and quoted strings are stepped over. Nothing is kept but where
 * the reading stands, so a value may be as long as a peer likes. The same bytes in any cut give the
 * same answer. Zero is the start of a value.
 */
#ifndef MAIL_RECEIVED_BY_H
#define MAIL_RECEIVED_BY_H

#include "base/slice.h"

enum { RECEIVED_BY_NAMES_MAX = 31 };

struct received_by {
    uint32_t depth;      /* of comments */
    uint32_t word_len;   /* of the word being read */
    uint32_t candidates; /* names that begin with the word so far, by bit; the last bit: "by" */
    bool quoted, escaped, names_host, found;
};

/* At most RECEIVED_BY_NAMES_MAX names, the same ones for each piece; an empty one is nobody's. */
void received_by_take(struct received_by *reader, const struct slice *names, size_t count,
                      struct slice piece);
/* The value has ended: whether its host is one of the names. Begins anew. */
bool received_by_end(struct received_by *reader, const struct slice *names, size_t count);

#endif
