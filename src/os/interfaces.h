/* SPDX-License-Identifier: Apache-2.0 */
/* interfaces - the addresses this machine has at the moment, those of loopback among them. */
#ifndef OS_INTERFACES_H
#define OS_INTERFACES_H

#include "base/ip.h"

enum { INTERFACES_MAX = 256 };

/* Fills at most INTERFACES_MAX, and returns how many there are; 0 when the kernel does not say. */
size_t interfaces_addresses(struct ip_address out_addresses[INTERFACES_MAX]);

#endif
