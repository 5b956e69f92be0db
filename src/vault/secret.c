/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/secret.h"

#include <string.h>

void secret_wipe(struct slice bytes)
{
    if (bytes.len)
        explicit_bzero((void *)(uintptr_t)bytes.at, bytes.len);
}

bool secret_copy(struct slice bytes, struct text *out_text)
{
    *out_text = text_with_ceiling(bytes.len);
    return bytes.len == 0 || text_append(out_text, bytes);
}
