/* SPDX-License-Identifier: Apache-2.0 */
/* from - the mailboxes of a From or Sender value (RFC 5322 3.4), for the question "may this client
 * write as these?".
 *
 * Strict on purpose: what two readers could read as two different addresses is *unclear*, never a
 * guess. Display names, quoted strings and comments are read and dropped. Unclear are: groups,
 * routes, an "@" in an unquoted display name, two angle addresses, comments or blanks inside an
 * address, an encoded word as local part, an empty list element, control bytes, more than 16
 * mailboxes, no mailbox at all.
 *
 * The value comes unfolded (header_scan_from). Mailboxes point into it.
 */
#ifndef MAIL_FROM_H
#define MAIL_FROM_H

#include "base/slice.h"

enum from_limits { FROM_MAILBOX_MAX = 16 };
enum from_outcome { FROM_OK = 0, FROM_UNCLEAR };

struct from_list {
    struct slice mailbox[FROM_MAILBOX_MAX]; /* local-part@domain as written */
    size_t count;
};

enum from_outcome from_parse(struct slice value, struct from_list *out);

#endif
