/* SPDX-License-Identifier: Apache-2.0 */
/* https_url - the parts of a URL that may be asked: https, or http where that is allowed, without
 * user, password and fragment. libcurl reads it, so that it means here what it means there.
 */
#ifndef COURIER_HTTPS_URL_H
#define COURIER_HTTPS_URL_H

#include "base/ip.h"

enum { HTTPS_URL_MAX = 2048, HTTPS_NAME_MAX = 255 };

struct https_url {
    char written[HTTPS_URL_MAX + 1];
    char host[HTTPS_NAME_MAX + 1]; /* a name, or an address: "192.0.2.1", "[2001:db8::1]" */
    unsigned port;
};

bool https_url_read(struct slice written, bool may_be_clear, struct https_url *out_url);
/* Whether the host is an address, which needs no looking up. */
bool https_url_address(const struct https_url *url, struct ip_address *out_address);

#endif
