/* SPDX-License-Identifier: Apache-2.0 */
/* sender_tls - what the sender of a message asks of its way (RFC 8689). */
#ifndef MODEL_SENDER_TLS_H
#define MODEL_SENDER_TLS_H

#include "base/slice.h"

enum sender_tls {
    SENDER_TLS_UNSAID,
    SENDER_TLS_REQUIRED, /* MAIL FROM with REQUIRETLS: over proven hosts that pass it on, or not */
    SENDER_TLS_OPTIONAL, /* the field "TLS-Required: No": whatever the domain demands of its hosts
                          */
    SENDER_TLS_KINDS
};

/* What is asked of every host. A notice would rather arrive than stay secret (RFC 8689 5): it takes
 * the ordinary way, and is given with REQUIRETLS where a host may have it so. */
static inline enum sender_tls sender_tls_of_way(enum sender_tls asked, struct slice sender)
{
    return asked == SENDER_TLS_REQUIRED && sender.len == 0 ? SENDER_TLS_UNSAID : asked;
}

/* TLS-Required, in the words of the header field. */
static inline struct slice sender_tls_text(enum sender_tls tls)
{
    return tls == SENDER_TLS_REQUIRED ? SLICE("Yes") : tls ? SLICE("No") : SLICE("");
}

#endif
