/* SPDX-License-Identifier: Apache-2.0 */
/* checksum - CRC32C (Castagnoli), the checksum of bodies at rest. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include "base/slice.h"

/* Continues `crc` over more bytes; begin with 0. */
uint32_t checksum_crc32c(uint32_t crc, struct slice bytes);

#endif
