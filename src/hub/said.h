/* SPDX-License-Identifier: Apache-2.0 */
/* said - what decided an attempt: the words of a reply, and whose they were. */
#ifndef HUB_SAID_H
#define HUB_SAID_H

#include "base/ip.h"

struct said {
    struct slice reply;       /* "550 5.1.1 User unknown"; lines end with LF */
    struct slice remote_name; /* empty: no server said it, we did */
    struct ip_address remote_address;
};

/* As LastError shows it: the reply itself when it is ours, else
 * [{LED=reply};{MSG=};{FQDN=name};{IP=address};{LRT=moment}]. */
bool said_append(struct text *text, const struct said *said, int64_t at_ms);

#endif
