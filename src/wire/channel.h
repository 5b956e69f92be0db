/* SPDX-License-Identifier: Apache-2.0 */
/* channel - one end of a wire: frames over a stream socket pair, gathered on the way out.
 *
 * What is sent in one turn of the loop leaves in one system call at the end of the turn. Received
 * frames are handed over one by one; their slices point into the channel's buffer and are good
 * until the handler returns. A descriptor that came with a message belongs to the handler. When the
 * peer closes, breaks a frame, or lets more than the ceiling pile up, `closed` is called once and
 * the channel is dead: sending to it is allowed and does nothing. It is `broken` when the peer may
 * live on: nobody makes a new wire to it, so one of the two has to end.
 */
#ifndef WIRE_CHANNEL_H
#define WIRE_CHANNEL_H

#include "os/loop.h"
#include "wire/frame.h"

struct channel;

struct channel_owner {
    void (*message)(void *context, struct channel *channel, const struct frame *frame, int fd);
    void (*closed)(void *context, struct channel *channel, bool broken);
    void (*drained)(void *context,
                    struct channel *channel); /* may be NULL: the output fell below half */
    void *context;
};

enum channel_limits {
    CHANNEL_OUTPUT_MAX = 16 << 20, /* a peer that lets this much wait is dead */
    CHANNEL_FDS_MAX = 64,          /* descriptors on their way; one more waits for a flush */
    CHANNEL_FULL = 512 << 10,      /* senders of bulk stop here until `drained` */
    CHANNEL_BEHIND = 14 << 20,     /* what can be done without is not sent any more */
};

struct channel {
    struct loop *loop;
    int fd; /* -1: dead */
    enum wire_role peer;
    unsigned index;
    struct watch watch;
    struct deferred flush, report; /* report: `closed` is still to be called */
    struct text input, output;
    int fds_in[16], fds_out[CHANNEL_FDS_MAX];
    size_t fds_at[CHANNEL_FDS_MAX]; /* the offset in output at which the frame of each begins */
    size_t fds_in_count, fds_out_count;
    bool full, handling, broken;
    const struct channel_owner *owner;
};

/* The storage is zeroed or was a channel before. One that is alive, or whose end its owner has not
 * heard of, ends now: `closed` is called with broken = false, since that peer is gone. */
MUST_USE int channel_open(struct channel *channel, struct loop *loop, int fd_take,
                          enum wire_role peer, unsigned index, const struct channel_owner *owner);
void channel_close(struct channel *channel); /* `closed` is not called any more; accepts a zeroed
                                                or dead one */
bool channel_alive(const struct channel *channel);
/* False when the message breaks its row or the channel is dead. fd_lend (-1: none) is duplicated.
 */
bool channel_send(struct channel *channel, enum wire_type type, const void *message, int fd_lend);
/* Whether one more descriptor may be lent now. To send one all the same ends the channel. */
bool channel_lends(struct channel *channel);
/* Frames that frame_append made earlier, as they are. */
bool channel_send_encoded(struct channel *channel, struct slice frames);
bool channel_full(const struct channel *channel);
/* So much waits that strangers could end the peer by making us send more. */
bool channel_behind(const struct channel *channel);
size_t channel_waiting(const struct channel *channel); /* bytes that have not left yet */
void channel_flush(struct channel *channel);           /* now, instead of at the end of the turn */

#endif
