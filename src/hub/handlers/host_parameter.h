/* SPDX-License-Identifier: Apache-2.0 */
/* host_parameter - a parameter that names a host, in the spelling of DNS and certificates.
 *
 * People write "Bücher.example." and mean xn--bcher-kva.example: what is beyond ASCII is converted
 * (RFC 5891), and a dot at the end is left out. "*.contoso.com" and addresses stay.
 */
#ifndef HUB_HANDLERS_HOST_PARAMETER_H
#define HUB_HANDLERS_HOST_PARAMETER_H

#include "hub/call.h"

enum { HOST_PARAMETER_MAX = 256 };

/* Appends the host, or what was written when it cannot be converted. */
struct slice host_in_ascii(struct slice written, struct text *storage);
/* A host name or an address; empty when the parameter is not given. False: the call has failed. */
MUST_USE bool host_parameter(struct call *call, const char *name, struct text *storage,
                             struct slice *out_host);
/* Refuses what is neither a host name, with a wildcard or without, nor an address. */
MUST_USE bool host_check(struct call *call, const char *parameter, struct slice written,
                         struct slice host, bool wildcard);

#endif
