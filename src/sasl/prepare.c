/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/prepare.h"

#include "sasl/server.h"

#include <gsasl.h>
#include <string.h>

/* RFC 3454 7: a stored string may not hold what Unicode 3.2 did not know (emoji, for one). libgsasl
 * applies that to the password of PLAIN, so it is the rule for everything. */
bool sasl_prepare(struct slice written, struct text *out)
{
    char bytes[SASL_PASSWORD_MAX + 1] = {0};
    char *prepared = NULL;
    if (!written.len || written.len > SASL_PASSWORD_MAX || slice_find(written, '\0', &(size_t){0}))
        return false;
    memcpy(bytes, written.at, written.len);
    int result = gsasl_saslprep(bytes, 0, &prepared, NULL);
    explicit_bzero(bytes, sizeof bytes);
    struct slice seen = slice_of(prepared);
    bool ok = result == GSASL_OK && seen.len && text_append(out, seen);
    if (prepared)
        explicit_bzero(prepared, seen.len);
    gsasl_free(prepared);
    return ok;
}
