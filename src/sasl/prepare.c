/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/prepare.h"

#include "sasl/server.h"

#include <gsasl.h>
#include <string.h>

/* With the flag the library itself uses in PLAIN, so that all ways agree. (Releases up to 2.2
 * refuse characters newer than Unicode 3.2 with it, emoji for one; the name promises the contrary.)
 */
bool sasl_prepare(struct slice written, struct text *out)
{
    char bytes[SASL_PASSWORD_MAX + 1] = {0};
    char *prepared = NULL;
    if (!written.len || written.len > SASL_PASSWORD_MAX || slice_find(written, '\0', &(size_t){0}))
        return false;
    memcpy(bytes, written.at, written.len);
    int result = gsasl_saslprep(bytes, GSASL_ALLOW_UNASSIGNED, &prepared, NULL);
    explicit_bzero(bytes, sizeof bytes);
    struct slice seen = slice_of(prepared);
    bool ok = result == GSASL_OK && seen.len && text_append(out, seen);
    if (prepared)
        explicit_bzero(prepared, seen.len);
    gsasl_free(prepared);
    return ok;
}
