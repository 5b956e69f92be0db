/* SPDX-License-Identifier: Apache-2.0 */
/* reply - every reply of the server as a row of one table, and the one place that writes them.
 *
 * A connector without enhanced status codes (RFC 2034) gets the same replies without "x.y.z".
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/text.h"

enum reply_name {
    REPLY_NONE,
    REPLY_HELP,
    REPLY_STARTTLS_READY,
    REPLY_CLOSING,
    REPLY_AUTH_ACCEPTED,
    REPLY_NOOP,
    REPLY_RESET,
    REPLY_SENDER_OK,
    REPLY_RECIPIENT_OK,
    REPLY_CHUNK,
    REPLY_STORED,
    REPLY_CANNOT_VERIFY,
    REPLY_AUTH_CHALLENGE,
    REPLY_START_MAIL,
    REPLY_SERVICE_NOT_AVAILABLE,
    REPLY_TIMED_OUT,
    REPLY_RATE_EXCEEDED,
    REPLY_TOO_MANY_ERRORS,
    REPLY_TOO_MANY_LOGON_FAILURES,
    REPLY_NO_WEB_SERVER,
    REPLY_RECIPIENT_UNAVAILABLE,
    REPLY_STORE_FAILED,
    REPLY_BUSY,
    REPLY_TOO_MANY_RECIPIENTS,
    REPLY_AUTH_UNAVAILABLE,
    REPLY_CERTIFICATE_NEEDED,
    REPLY_UNRECOGNIZED,
    REPLY_LINE_TOO_LONG,
    REPLY_BAD_BYTE,
    REPLY_INVALID_ARGUMENTS,
    REPLY_INVALID_DOMAIN,
    REPLY_INVALID_SENDER,
    REPLY_INVALID_RECIPIENT,
    REPLY_AUTH_MALFORMED,
    REPLY_AUTH_CANCELLED,
    REPLY_NOT_IMPLEMENTED,
    REPLY_HELLO_FIRST,
    REPLY_NEED_MAIL,
    REPLY_NEED_RECIPIENT,
    REPLY_SENDER_SPECIFIED,
    REPLY_BAD_SEQUENCE,
    REPLY_TLS_ACTIVE,
    REPLY_ALREADY_AUTHENTICATED,
    REPLY_UNKNOWN_MECHANISM,
    REPLY_STARTTLS_FIRST,
    REPLY_NOT_AUTHENTICATED,
    REPLY_AUTH_REFUSED,
    REPLY_ENCRYPTION_REQUIRED,
    REPLY_ENCRYPTION_NEEDED,
    REPLY_USER_UNKNOWN,
    REPLY_RESERVED_TOP_LEVEL,
    REPLY_RESERVED_SECOND_LEVEL,
    REPLY_SINGLE_LABEL,
    REPLY_RELAY_DENIED,
    REPLY_GROUP_CLOSED,
    REPLY_SEND_AS_DENIED,
    REPLY_MESSAGE_TOO_LARGE,
    REPLY_HEADER_TOO_LARGE,
    REPLY_NEEDS_UTF8,
    REPLY_LOOP,
    REPLY_MESSAGE_BAD_BYTE,
    REPLY_UNKNOWN_PARAMETER,
    REPLY_NAMES,
};

/* A whole reply line with CR LF. */
bool reply_append(struct text *out, enum reply_name name, bool enhanced);
/* A reply with a tail of its own: the line as far as the table knows it, then `tail` appended by
 * the caller, then "\r\n". */
bool reply_append_start(struct text *out, enum reply_name name, bool enhanced);
/* An error of syntax or order, which counts against the connector's MaxProtocolErrors. */
bool reply_is_protocol_error(enum reply_name name);
bool reply_is_refusal(enum reply_name name); /* 5yz: it is the client's fault */

#endif
