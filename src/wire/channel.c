/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/channel.h"

#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 256 << 10 };

static void on_ready(void *context, unsigned events);
static void on_flush(void *context);
static void on_report(void *context);

/* The events inside may still wait in the loop: they are taken out before they are made anew. */
static void end_predecessor(struct channel *channel)
{
    bool owed = channel_alive(channel) || channel->report.queued;
    channel_close(channel);
    if (owed)
        channel->owner->closed(channel->owner->context, channel, false);
}

int channel_open(struct channel *channel, struct loop *loop, int fd, enum wire_role peer,
                 unsigned index, const struct channel_owner *owner)
{
    end_predecessor(channel);
    int result = fd_set_nonblocking(fd, true);
    if (result < 0)
        return result;
    *channel =
        (struct channel){.loop = loop, .fd = fd, .peer = peer, .index = index, .owner = owner};
    channel->input = text_with_ceiling(WIRE_FRAME_MAX + READ_BYTES);
    channel->output = text_with_ceiling(CHANNEL_OUTPUT_MAX);
    channel->flush = (struct deferred){.run = on_flush, .context = channel};
    channel->report = (struct deferred){.run = on_report, .context = channel};
    watch_init(&channel->watch, loop, fd, on_ready, channel);
    watch_set(&channel->watch, LOOP_READ);
    return 0;
}

bool channel_alive(const struct channel *channel)
{
    return channel->owner && channel->fd >= 0;
}

bool channel_full(const struct channel *channel)
{
    return channel->output.len >= CHANNEL_FULL;
}

bool channel_behind(const struct channel *channel)
{
    return channel->output.len >= CHANNEL_BEHIND;
}

size_t channel_waiting(const struct channel *channel)
{
    return channel->output.len;
}

static void close_all(int *fds, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        close_fd(&fds[i]);
    *count = 0;
}

void channel_close(struct channel *channel)
{
    loop_defer_cancel(channel->loop, &channel->report);
    if (!channel_alive(channel))
        return;
    watch_stop(&channel->watch);
    loop_defer_cancel(channel->loop, &channel->flush);
    close_fd(&channel->fd);
    close_all(channel->fds_in, &channel->fds_in_count);
    close_all(channel->fds_out, &channel->fds_out_count);
    text_deinit(&channel->output);
    if (!channel->handling) /* the handler still reads from it */
        text_deinit(&channel->input);
}

static void fail(struct channel *channel, bool broken)
{
    if (!channel_alive(channel))
        return;
    channel_close(channel);
    channel->broken = broken;
    loop_defer(channel->loop, &channel->report);
}

static void on_report(void *context)
{
    struct channel *channel = context;
    channel->owner->closed(channel->owner->context, channel, channel->broken);
}

/* Keeps a duplicate for the frame that begins at `start`. */
static bool lend(struct channel *channel, int fd, size_t start)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return false;
    channel->fds_at[channel->fds_out_count] = start;
    channel->fds_out[channel->fds_out_count++] = copy;
    return true;
}

bool channel_lends(struct channel *channel)
{
    if (channel->fds_out_count == COUNT_OF(channel->fds_out))
        channel_flush(channel);
    return channel_alive(channel) && channel->fds_out_count < COUNT_OF(channel->fds_out);
}

bool channel_send(struct channel *channel, enum wire_type type, const void *message, int fd_lend)
{
    bool room = fd_lend < 0 || channel_lends(channel);
    if (!channel_alive(channel))
        return false;
    size_t start = channel->output.len;
    if (!room || !frame_append(&channel->output, type, message)) {
        if (!room || channel->output.truncated)
            fail(channel, true);
        return false;
    }
    if (fd_lend >= 0 && !lend(channel, fd_lend, start)) {
        fail(channel, true);
        return false;
    }
    loop_defer(channel->loop, &channel->flush);
    return true;
}

bool channel_send_encoded(struct channel *channel, struct slice frames)
{
    if (!channel_alive(channel))
        return false;
    if (!text_append(&channel->output, frames)) {
        fail(channel, true);
        return false;
    }
    loop_defer(channel->loop, &channel->flush);
    return true;
}

/* How much may go in the next call: descriptors ride on the first byte of their frame, so bytes
 * before the first frame with a descriptor go alone, and one descriptor goes at a time. */
static size_t next_piece(const struct channel *channel, bool *out_with_fd)
{
    *out_with_fd = channel->fds_out_count > 0 && channel->fds_at[0] == 0;
    if (channel->fds_out_count == 0)
        return channel->output.len;
    if (!*out_with_fd)
        return channel->fds_at[0];
    return channel->fds_out_count > 1 ? channel->fds_at[1] : channel->output.len;
}

static void sent(struct channel *channel, size_t count, bool with_fd)
{
    if (with_fd) {
        close_fd(&channel->fds_out[0]);
        channel->fds_out_count--;
        memmove(channel->fds_out, channel->fds_out + 1, channel->fds_out_count * sizeof(int));
        memmove(channel->fds_at, channel->fds_at + 1, channel->fds_out_count * sizeof(size_t));
    }
    text_consume(&channel->output, count);
    for (size_t i = 0; i < channel->fds_out_count; i++)
        channel->fds_at[i] -= count;
}

void channel_flush(struct channel *channel)
{
    bool was_full = channel->full ||
                    channel_full(channel); /* senders have stopped: they must hear of the end */
    while (channel_alive(channel) && channel->output.len) {
        bool with_fd;
        struct slice piece =
            slice_first(text_slice(&channel->output), next_piece(channel, &with_fd));
        ssize_t count = socket_send_with_fds(channel->fd, piece, channel->fds_out, with_fd ? 1 : 0);
        if (count == -EAGAIN || count == -EINTR)
            break;
        if (count < 0) {
            fail(channel, false);
            return;
        }
        sent(channel, (size_t)count, with_fd);
    }
    if (!channel_alive(channel))
        return;
    watch_set(&channel->watch, LOOP_READ | (channel->output.len ? LOOP_WRITE : 0u));
    channel->full = was_full && channel->output.len >= CHANNEL_FULL / 2;
    if (was_full && !channel->full && channel->owner->drained)
        channel->owner->drained(channel->owner->context, channel);
}

static void on_flush(void *context)
{
    channel_flush(context);
}

static bool hand_over(struct channel *channel, const struct frame *frame)
{
    int fd = -1;
    if (wire_rows[frame->type].descriptor) {
        if (channel->fds_in_count == 0)
            return false;
        fd = channel->fds_in[0];
        channel->fds_in_count--;
        memmove(channel->fds_in, channel->fds_in + 1, channel->fds_in_count * sizeof(int));
    }
    channel->owner->message(channel->owner->context, channel, frame, fd);
    return true;
}

/* Hands over every whole frame at the front of `rest` and leaves there what is behind them. */
static enum frame_outcome take_frames(struct channel *channel, struct slice *rest)
{
    enum frame_outcome outcome = FRAME_COMPLETE;
    channel->handling = true;
    while (channel_alive(channel) && outcome == FRAME_COMPLETE) {
        struct frame frame;
        outcome = frame_take(rest, channel->peer, &frame);
        if (outcome == FRAME_COMPLETE && !hand_over(channel, &frame))
            outcome = FRAME_BROKEN;
    }
    channel->handling = false;
    return outcome;
}

/* Frames are read where they were received; only the beginning of an unfinished one is kept. */
static void feed(struct channel *channel, struct slice bytes)
{
    bool kept = channel->input.len > 0;
    if (kept && !text_append(&channel->input, bytes)) {
        fail(channel, true);
        return;
    }
    struct slice rest = kept ? text_slice(&channel->input) : bytes;
    enum frame_outcome outcome = take_frames(channel, &rest);
    if (!channel_alive(channel)) {
        text_deinit(&channel->input);
        return;
    }
    if (kept)
        text_consume(&channel->input, channel->input.len - rest.len);
    else if (!text_append(&channel->input, rest))
        outcome = FRAME_BROKEN;
    if (outcome == FRAME_BROKEN)
        fail(channel, true);
}

/* A courier lends sockets that are connected to content filters; an edge has nothing to lend. */
static bool peer_may_lend(const struct channel *channel)
{
    return channel->peer == ROLE_SUPERVISOR || channel->peer == ROLE_HUB ||
           channel->peer == ROLE_COURIER;
}

static void receive(struct channel *channel)
{
    static char buffer[READ_BYTES]; /* one loop, one thread: never in use twice */
    size_t arrived = 0;
    size_t room = peer_may_lend(channel) ? COUNT_OF(channel->fds_in) - channel->fds_in_count : 0;
    ssize_t got = socket_receive_with_fds(channel->fd, buffer, sizeof buffer,
                                          channel->fds_in + channel->fds_in_count, room, &arrived);
    if (got == -EAGAIN || got == -EINTR)
        return;
    if (got <= 0) {
        fail(channel, got == -EMSGSIZE);
        return;
    }
    channel->fds_in_count += arrived;
    feed(channel, (struct slice){buffer, (size_t)got});
}

static void on_ready(void *context, unsigned events)
{
    struct channel *channel = context;
    if (events & LOOP_WRITE)
        channel_flush(channel);
    if (channel_alive(channel) && events & LOOP_READ)
        receive(channel);
}
