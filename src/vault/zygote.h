/* SPDX-License-Identifier: Apache-2.0 */
/* zygote - a process that does nothing but fork a child for each certificate file.
 *
 * Forked from the checker before it has a thread, a key or a wire, so its children inherit none.
 * A child may use 5 s of processor time, 64 MiB and no system call beyond reading, writing and
 * memory; after 5 s by the clock it is killed. One child at a time. The roots by which they judge
 * chains are read by the zygote itself, before it gives up its rights: the role does not wait for
 * that.
 *
 *   asked over a stream socket: three lengths (4 bytes each), file, password, known issuers
 *   answered: fate (4), length (4), an import_result of that length
 *
 * It ends when its socket does.
 */
#ifndef VAULT_ZYGOTE_H
#define VAULT_ZYGOTE_H

#include "wire/role.h"

enum { ZYGOTE_PARTS = 3, ZYGOTE_KNOWN_MAX = 1 << 18 };
enum { ZYGOTE_HEAD_BYTES = 8, ZYGOTE_CHILD_SECONDS = 5, ZYGOTE_CHILD_MEMORY = 64 << 20 };

enum zygote_fate {
    ZYGOTE_FINISHED,
    ZYGOTE_LIMIT,  /* out of time */
    ZYGOTE_FAILED, /* the child ended in any other way */
    ZYGOTE_FATES,
};

/* import_start has been called. 0 and the asking end of the socket, or -errno. */
MUST_USE int zygote_start(const struct role_start *start, int *out_fd);

#endif
