/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - RFC 4648 section 4, strict: padding required, no line ends, unused bits zero. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/text.h"

bool base64_append(struct text *text, struct slice bytes);
/* Appends the decoded bytes; false on anything that is not canonical base64 or does not fit,
 * with the text as it was. */
bool base64_decode(struct slice encoded, struct text *out_bytes);

#endif
