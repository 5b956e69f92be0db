/* SPDX-License-Identifier: Apache-2.0 */
/* encoding - texts that come from Windows: byte order marks and UTF-16. */
#ifndef SHELL_ENCODING_H
#define SHELL_ENCODING_H

#include "base/text.h"

/* UTF-8 with or without its mark, or UTF-16 with one, as UTF-8 without. */
bool encoding_append(struct text *text, struct slice bytes);
bool encoding_append_character(struct text *text, uint32_t character);

#endif
