/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_header - what a load balancer says in front of a connection: where it really comes from
 * (the PROXY protocol, versions 1 and 2).
 *
 * Only ever read from an address that is trusted to say it. The parser believes nothing it cannot
 * read to the last byte, and takes nothing behind the header.
 */
#ifndef SMTP_PROXY_HEADER_H
#define SMTP_PROXY_HEADER_H

#include "base/ip.h"

enum {
    PROXY_HEADER_V1_MAX = 107,  /* with its CR LF */
    PROXY_HEADER_V2_MAX = 4096, /* with its additions (TLV), which are skipped */
};

enum proxy_outcome {
    PROXY_MORE, /* a beginning of a header: more bytes are needed; nothing is taken */
    PROXY_DONE, /* the header is taken from the front of the input */
    PROXY_BAD,  /* this is none, or one that is too long */
};

struct proxy_header {
    bool local; /* the balancer speaks for itself (LOCAL, UNKNOWN): keep the connection's own
                   addresses; source and destination are not set */
    struct ip_endpoint source, destination;
};

enum proxy_outcome proxy_header_take(struct slice *input, struct proxy_header *out);

#endif
