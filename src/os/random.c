/* SPDX-License-Identifier: Apache-2.0 */
#include "os/random.h"

#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t len)
{
    unsigned char *at = out;
    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0)
            abort();
        at += got;
        len -= (size_t)got;
    }
}

uint64_t random_u64(void)
{
    uint64_t number;
    random_bytes(&number, sizeof number);
    return number;
}
