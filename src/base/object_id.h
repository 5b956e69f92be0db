/* SPDX-License-Identifier: Apache-2.0 */
/* object_id - the name of an object that never changes: a UUID as its 16 bytes. */
#ifndef BASE_OBJECT_ID_H
#define BASE_OBJECT_ID_H

#include <stdint.h>

struct object_id {
    uint8_t bytes[16];
};

#endif
