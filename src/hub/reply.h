/* SPDX-License-Identifier: Apache-2.0 */
/* reply - what is on its way to one caller on the control socket: replies, and perhaps a file that
 * the store has lent, behind them.
 *
 * A file is never whole in memory: it is read in pieces, as fast as the caller takes them, and one
 * piece at a time, so that the loop stands still for nobody. What has been in here is wiped.
 */
#ifndef HUB_REPLY_H
#define HUB_REPLY_H

#include "base/text.h"
#include "store/store.h"

struct reply {
    struct text bytes;
    size_t bytes_sent; /* a large reply is not moved up for each piece */
    struct body_loan file;
    uint64_t file_sent;
    struct store *store; /* of the file */
};

enum reply_outcome {
    REPLY_EMPTY,  /* everything has left */
    REPLY_WAITS,  /* there is more: again when the socket takes it */
    REPLY_BROKEN, /* the caller has gone, or the file cannot be read */
};

void reply_init(struct reply *reply, struct store *store, size_t bytes_max);
void reply_deinit(struct reply *reply); /* gives the loan back; twice is harmless */
/* The file leaves behind the bytes that are in here now. A reply takes one. */
void reply_add_file(struct reply *reply, struct body_loan *loan_take);
/* Writes one piece and returns, however fast the caller reads. */
MUST_USE enum reply_outcome reply_flush(struct reply *reply, int fd);

#endif
