/* SPDX-License-Identifier: Apache-2.0 */
/* hex - bytes as hexadecimal digits and back. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/text.h"

bool hex_append_upper(struct text *text, struct slice bytes);
bool hex_append_lower(struct text *text, struct slice bytes);
/* False on an odd count, another character, or too little room; out_len counts bytes. */
bool hex_decode(struct slice digits, void *out_bytes, size_t capacity, size_t *out_len);

#endif
