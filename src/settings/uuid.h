/* SPDX-License-Identifier: Apache-2.0 */
/* uuid - the written form of 16 bytes (RFC 9562 section 4): 8-4-4-4-12 hexadecimal digits. */
#ifndef SETTINGS_UUID_H
#define SETTINGS_UUID_H

#include "base/text.h"

bool uuid_append(struct text *text, const uint8_t bytes[16]); /* lower case */
bool uuid_parse(struct slice written,
                uint8_t out_bytes[16]); /* either case; braces allowed around it */

#endif
