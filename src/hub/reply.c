/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/reply.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_BYTES = 128 << 10 };

void reply_init(struct reply *reply, struct store *store, size_t bytes_max)
{
    *reply =
        (struct reply){.bytes = text_with_ceiling(bytes_max), .file = {.fd = -1}, .store = store};
}

void reply_deinit(struct reply *reply)
{
    if (reply->bytes.at)
        explicit_bzero(reply->bytes.at, reply->bytes.capacity);
    text_deinit(&reply->bytes);
    body_loan_return(reply->store, &reply->file);
}

void reply_add_file(struct reply *reply, struct body_loan *loan)
{
    reply->file = *loan;
    reply->file_sent = 0;
    *loan = (struct body_loan){.fd = -1};
}

/* How many bytes left, or -errno. */
static ssize_t send_piece(int fd, struct slice piece)
{
    ssize_t sent = send(fd, piece.at, piece.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    return sent;
}

static bool send_bytes(struct reply *reply, int fd)
{
    struct slice rest = slice_after(text_slice(&reply->bytes), reply->bytes_sent);
    ssize_t sent = send_piece(fd, rest);
    if (sent < 0)
        return false;
    reply->bytes_sent += (size_t)sent;
    if (reply->bytes_sent == reply->bytes.len) {
        text_clear(&reply->bytes);
        reply->bytes_sent = 0;
    }
    return true;
}

/* What the socket did not take is read again: it is in the page cache now. */
static bool send_of_file(struct reply *reply, int fd)
{
    char piece[PIECE_BYTES];
    struct body_loan *file = &reply->file;
    uint64_t left = file->length - reply->file_sent;
    size_t wanted = left < sizeof piece ? (size_t)left : sizeof piece;
    ssize_t got = pread(file->fd, piece, wanted, (off_t)(file->offset + reply->file_sent));
    ssize_t sent = got > 0 ? send_piece(fd, (struct slice){piece, (size_t)got}) : -1;
    if (sent < 0)
        return false;
    reply->file_sent += (uint64_t)sent;
    if (reply->file_sent == file->length)
        body_loan_return(reply->store, file);
    return true;
}

enum reply_outcome reply_flush(struct reply *reply, int fd)
{
    bool good = true;
    if (reply->bytes.len)
        good = send_bytes(reply, fd);
    else if (reply->file.fd >= 0)
        good = send_of_file(reply, fd);
    if (!good)
        return REPLY_BROKEN;
    return reply->bytes.len || reply->file.fd >= 0 ? REPLY_WAITS : REPLY_EMPTY;
}
