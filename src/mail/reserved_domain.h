/* SPDX-License-Identifier: Apache-2.0 */
/* reserved_domain - domains that can never receive mail from the Internet: the names that RFC 2606
 * and RFC 6761 keep for examples and tests, and names of one label.
 *
 * Case and one trailing dot do not matter, sub-domains count. An address literal is none of them.
 */
#ifndef MAIL_RESERVED_DOMAIN_H
#define MAIL_RESERVED_DOMAIN_H

#include "base/slice.h"

enum reserved_domain { /* one domain may be several: "localhost" has one label, too */
                       RESERVED_DOMAIN_TOP_LEVEL = 1,    /* .test .example .invalid .localhost */
                       RESERVED_DOMAIN_SECOND_LEVEL = 2, /* example.com example.net example.org */
                       RESERVED_DOMAIN_SINGLE_LABEL = 4,
};

unsigned reserved_domain_kinds(struct slice domain);

#endif
