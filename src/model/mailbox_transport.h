/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox_transport - another server that holds the mailboxes, as MailboxTransport of the transport
 * service names it: where it takes mail over LMTP (RFC 2033).
 *
 *     unix:/run/dovecot/lmtp
 *     inet:127.0.0.1:24   inet:[2001:db8::1]   inet:store.contoso.com:2424
 */
#ifndef MODEL_MAILBOX_TRANSPORT_H
#define MODEL_MAILBOX_TRANSPORT_H

#include "base/slice.h"

#include <stdint.h>

enum {
    MAILBOX_TRANSPORT_MAX = 300, /* bytes, as written */
    MAILBOX_TRANSPORT_PORT = 24, /* where none is given */
};

struct mailbox_target { /* points into what was read */
    struct slice path;  /* of a UNIX socket; empty: the host */
    struct slice host;  /* a name, or an address without brackets */
    uint16_t port;
};

/* False: *out_wrong is what is wrong with it, behind the name of the setting. */
bool mailbox_target_parse(struct slice written, struct mailbox_target *out, const char **out_wrong);

struct model;
/* As written; empty: mail for mailboxes goes into Maildirs of ours. Lent by the model. */
struct slice mailbox_transport_of(const struct model *model);

#endif
