/* SPDX-License-Identifier: Apache-2.0 */
/* gzip - a text made smaller (RFC 1952), in one piece. */
#ifndef COURIER_GZIP_H
#define COURIER_GZIP_H

#include "base/text.h"

/* False: no memory, or more than the text's ceiling. */
MUST_USE bool gzip_append(struct text *out, struct slice bytes);

#endif
