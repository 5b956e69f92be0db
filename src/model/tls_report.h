/* SPDX-License-Identifier: Apache-2.0 */
/* tls_report - to whom a domain wants failures of TLS reported: its TXT record at _smtp._tls
 * (RFC 8460 3). Pure; slices point into the record.
 */
#ifndef MODEL_TLS_REPORT_H
#define MODEL_TLS_REPORT_H

#include "base/text.h"
#include "model/tag_list.h"

enum { TLS_REPORT_ADDRESSES_MAX = 10 }; /* the rest is left out */

struct tls_report_record {
    struct slice addresses[TLS_REPORT_ADDRESSES_MAX]; /* "mailto:...", "https://..." */
    size_t count;                                     /* one at least */
};

/* Addresses of other kinds are left out; TAG_LIST_MALFORMED when none is left. */
enum tag_list_outcome tls_report_record_read(const struct slice *records, size_t count,
                                             struct tls_report_record *out_record);

/* The mailbox of "mailto:tls%2Breports@example.org?..." (RFC 6068). False: it is of another kind,
 * no mailbox, or needs SMTPUTF8. */
bool tls_report_mailbox(struct slice address, struct text *out_mailbox);

/* Host and path of "https://reports.example.org/tls?x". False: it is of another kind, has no host
 * by name, or a port or a user: nobody is sent to the other services of a house. */
bool tls_report_https(struct slice address, struct slice *out_host, struct slice *out_path);

#endif
