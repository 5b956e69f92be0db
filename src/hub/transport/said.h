/* SPDX-License-Identifier: Apache-2.0 */
/* said - what decided an attempt: the words of a reply, whose they were, and what was tried. */
#ifndef HUB_TRANSPORT_SAID_H
#define HUB_TRANSPORT_SAID_H

#include "base/ip.h"

struct sent {               /* an attempt to send to another server; no connector: it was none */
    struct slice connector; /* the send connector's name */
    struct slice next_hop;  /* the domain whose hosts were meant; empty: smart hosts */
    uint64_t session;       /* as the logs of sending call it */
    struct ip_address local_address; /* ::: not connected */
    struct slice tls_version;        /* empty: in clear */
    bool to_mailbox;                 /* to the server that holds our mailboxes */
};

struct said {
    struct slice reply;       /* "550 5.1.1 User unknown"; lines end with LF */
    struct slice remote_name; /* whom it is about; empty: no server */
    struct ip_address remote_address;
    bool ours; /* it did not say so: we did, in the form of a reply */
    struct sent sent;
    struct slice source; /* for the tracking log, a literal; empty: goes by the others */
};

/* As LastError shows it: the reply itself when it is ours and nothing was sent, else
 * [{LED=reply};{MSG=};{FQDN=name};{IP=address};{LRT=moment}], with the name of the domain when no
 * server of it was reached. */
bool said_append(struct text *text, const struct said *said, int64_t at_ms);
/* The moment of what said_append has written; 0: it has none. */
int64_t said_moment_ms(struct slice shown);

#endif
