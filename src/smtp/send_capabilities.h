/* SPDX-License-Identifier: Apache-2.0 */
/* send_capabilities - what a server offers in its reply to EHLO (RFC 5321 4.1.1.1).
 *
 * The first line is its greeting and offers nothing, whatever it says. Words that are not known are
 * passed over.
 */
#ifndef SMTP_SEND_CAPABILITIES_H
#define SMTP_SEND_CAPABILITIES_H

#include "smtp/client_reply.h"

enum { SEND_MECHANISMS_MAX = 32 };

struct send_capabilities {
    bool size, pipelining, chunking, eight_bit_mime, binary_mime, smtp_utf8, dsn, starttls,
        require_tls, enhanced_status_codes;
    int64_t size_max;    /* of a message; 0: none was named */
    uint32_t mechanisms; /* bit i: the i-th of those that were asked for */
};

/* At most SEND_MECHANISMS_MAX mechanisms are looked for. */
void send_capabilities_read(struct send_capabilities *out, const struct client_reply *reply,
                            const struct slice *mechanisms, size_t mechanisms_count);

#endif
