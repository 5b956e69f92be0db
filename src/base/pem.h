/* SPDX-License-Identifier: Apache-2.0 */
/* pem - bytes in their armour (RFC 7468): BEGIN and END lines, base64 in lines of 64. */
#ifndef BASE_PEM_H
#define BASE_PEM_H

#include "base/text.h"

bool pem_append(struct text *text, const char *label, struct slice bytes);
/* The lines alone. */
bool pem_append_lines(struct text *text, struct slice bytes);

#endif
