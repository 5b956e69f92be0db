/* SPDX-License-Identifier: Apache-2.0 */
/* canonical - what a signature is about: header fields and a body without what may change on the
 * way (RFC 6376 3.4).
 *
 * Lines end in CR LF; a CR or LF alone is a byte like others. A body comes in pieces of any size
 * and goes to the sink in others; the same bytes in any cut give the same output. Nothing is kept.
 */
#ifndef DKIM_CANONICAL_H
#define DKIM_CANONICAL_H

#include "base/text.h"

/* A message that follows RFC 5321 and no more than that changes nothing in "simple"; "relaxed"
 * forgives blanks. */
enum canonical_form { CANONICAL_RELAXED, CANONICAL_SIMPLE };

typedef void canonical_sink_fn(void *context, struct slice bytes);

struct canonical_body { /* set the first three; the rest is zero at the start */
    enum canonical_form form;
    canonical_sink_fn *sink;
    void *context;
    /* private */
    uint64_t empty_lines; /* that were seen and count only when something follows */
    bool blank, cr;       /* the same, within the line */
    bool in_line, any;
};

void canonical_body_feed(struct canonical_body *body, struct slice piece);
void canonical_body_end(struct canonical_body *body);

/* One field, with the CR LF at its end or without. What is appended has none. False: no room. */
bool canonical_field_append(enum canonical_form form, struct slice field, struct text *out);

#endif
