/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report_message - a report of how connections to a domain fared with TLS: as JSON (RFC 8460
 * 4), and as the mail that carries it (RFC 8460 5.3).
 *
 * Knows neither queue nor clock. Texts of other servers stand in the JSON alone, as strings.
 */
#ifndef HUB_TRANSPORT_TLS_REPORT_MESSAGE_H
#define HUB_TRANSPORT_TLS_REPORT_MESSAGE_H

#include "base/text.h"
#include "model/tls_results.h"

enum { TLS_REPORT_JSON_MAX = 1 << 20, TLS_REPORT_MESSAGE_MAX = 2 << 20 };

struct tls_report {
    const struct tls_domain_sum *sum;
    struct slice submitter;   /* the name of this server */
    struct slice from;        /* a mailbox, for questions too */
    struct slice to;          /* mailboxes, with ", " */
    struct slice id;          /* of letters, digits, - and .; no other report has it */
    int64_t begin_ms, end_ms; /* the time it is about */
    int64_t now_ms;
};

/* False: no memory. */
bool tls_report_append_json(struct text *out, const struct tls_report *report);
bool tls_report_append_message(struct text *out, const struct tls_report *report);

#endif
