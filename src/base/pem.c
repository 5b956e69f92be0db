/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pem.h"

#include "base/base64.h"

enum { LINE_BYTES = 48 }; /* 64 characters */

bool pem_append_lines(struct text *text, struct slice bytes)
{
    for (; bytes.len; bytes = slice_after(bytes, LINE_BYTES))
        if (!base64_append(text, slice_first(bytes, LINE_BYTES)) || !text_append_byte(text, '\n'))
            return false;
    return true;
}

bool pem_append(struct text *text, const char *label, struct slice bytes)
{
    return text_append_format(text, "-----BEGIN %s-----\n", label) &&
           pem_append_lines(text, bytes) && text_append_format(text, "-----END %s-----\n", label);
}
