/* SPDX-License-Identifier: Apache-2.0 */
/* host_name - DNS names of certificates: what is one, and which pattern fits which name.
 *
 * Names are compared whole, by length, without case (ASCII). A wildcard stands for exactly one
 * label, only as the whole leftmost label, and only before at least two more (RFC 9525 6.3).
 */
#ifndef TLS_HOST_NAME_H
#define TLS_HOST_NAME_H

#include "base/slice.h"

/* Letters, digits, - and _ in labels of 1-63, at most 253 bytes, no dot at the end, not an
 * address. With `wildcard` also "*." in front. */
bool host_name_ok(struct slice name, bool wildcard);
bool host_name_matches(struct slice pattern, struct slice name);

#endif
