/* SPDX-License-Identifier: Apache-2.0 */
/* trace - the fields a server puts in front of a message (RFC 5321 4.4): Received and Return-Path.
 *
 * Lines are folded, at most 78 octets where the values allow it. Whatever a peer chose is made fit:
 * no byte of it can end a line, a comment or the field. False when the text had no room (it is then
 * as it was).
 */
#ifndef MAIL_TRACE_H
#define MAIL_TRACE_H

#include "base/ip.h"
#include "base/text.h"

struct trace {
    struct slice client_domain; /* what the client called itself; may be empty */
    struct ip_address client_ip;
    struct slice fqdn; /* our own name */
    struct ip_address server_ip;
    struct slice protocol;    /* trace_protocol */
    struct slice tls_version; /* "TLSv1.3"; empty in clear */
    struct slice tls_cipher;
    struct slice client_certificate; /* thumbprint of the one the client has shown; empty: none */
    struct slice client_status, client_subject;
    struct slice id;        /* of the session or message; may be empty */
    struct slice connector; /* a comment; may be empty */
    struct slice date;      /* RFC 5322 */
};

/* The word behind "with" (RFC 3848, RFC 6531 4.3): SMTP, ESMTP, ESMTPSA, UTF8SMTPS, ... */
struct slice trace_protocol(bool extended, bool tls, bool authenticated, bool utf8);
bool trace_append_received(struct text *text, const struct trace *trace);
/* "Return-Path: <sender>"; the sender is a mailbox or empty. */
bool trace_append_return_path(struct text *text, struct slice sender);

#endif
