/* SPDX-License-Identifier: Apache-2.0 */
#include "sasl/wipe.h"

#include <string.h>

void wipe_property(Gsasl_session *session, Gsasl_property property)
{
    union {
        const char *lent;
        void *owned; /* the session's, and nobody needs it any more */
    } bytes = {gsasl_property_fast(session, property)};
    if (bytes.owned)
        explicit_bzero(bytes.owned, strlen(bytes.lent));
}
