/* SPDX-License-Identifier: Apache-2.0 */
/* random - bytes from the kernel. There is no failure: without them the process ends. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *out, size_t len);
uint64_t random_u64(void);

#endif
