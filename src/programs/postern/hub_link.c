/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/hub_link.h"

#include "operations/operation.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_WITHIN_MS = 60000, HEAD_BYTES = 4, PIECE_BYTES = 65536 };

static int send_request(int fd, json_t *request)
{
    char *written = json_dumps(request, JSON_COMPACT);
    if (!written)
        return -ENOMEM;
    size_t len = strlen(written);
    char head[HEAD_BYTES];
    for (size_t i = 0; i < HEAD_BYTES; i++)
        head[i] = (char)(unsigned char)(len >> (8 * i) & 0xff);
    int result = len > OPERATION_REQUEST_MAX ? -EMSGSIZE
                                             : fd_write_all(fd, (struct slice){head, HEAD_BYTES});
    if (result == 0)
        result = fd_write_all(fd, (struct slice){written, len});
    explicit_bzero(written, len);
    free(written);
    return result;
}

/* Hands over exactly `len` bytes, unless `take` wants no more. */
static int receive_pieces(int fd, uint64_t len, hub_piece_fn *take, void *context)
{
    char piece[PIECE_BYTES];
    while (len > 0) {
        ssize_t got = read(fd, piece, len < sizeof(piece) ? (size_t)len : sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -ECONNRESET;
        if (!take(context, (struct slice){piece, (size_t)got}))
            return 0;
        len -= (uint64_t)got;
    }
    return 0;
}

static bool append_piece(void *context, struct slice piece)
{
    return text_append(context, piece);
}

static int receive(int fd, size_t len, struct text *out)
{
    int result = receive_pieces(fd, len, append_piece, out);
    return result == 0 && out->truncated ? -ENOMEM : result;
}

static int receive_reply(int fd, struct text *body)
{
    char storage[HEAD_BYTES];
    struct text head = text_over(storage, sizeof(storage));
    size_t len = 0;
    int result = receive(fd, HEAD_BYTES, &head);
    if (result < 0)
        return result;
    for (size_t i = HEAD_BYTES; i > 0; i--)
        len = len << 8 | (unsigned char)storage[i - 1];
    return len > OPERATION_REPLY_MAX ? -EPROTO : receive(fd, len, body);
}

/* A server that refuses us may say so and hang up before it has read all we send. */
static int exchange(int fd, json_t *request, json_t **out_reply)
{
    struct text body = text_with_ceiling(OPERATION_REPLY_MAX);
    int sent = send_request(fd, request);
    int result =
        sent == 0 || sent == -EPIPE || sent == -ECONNRESET ? receive_reply(fd, &body) : sent;
    if (result < 0 && sent < 0)
        result = sent;
    *out_reply = result == 0 ? json_loadb(body.at, body.len, 0, NULL) : NULL;
    text_deinit(&body);
    return result == 0 && !*out_reply ? -EPROTO : result;
}

/* 0 with a reply: the token was refused. 0 without: it was taken, or there is none. */
static int bring_token(int fd, const struct place *place, json_t **out_reply)
{
    json_t *request = place->token[0] ? json_pack("{s:s}", "token", place->token) : NULL;
    if (!request)
        return place->token[0] ? -EINVAL : 0;
    int result = exchange(fd, request, out_reply);
    json_decref(request);
    if (result == 0 && !json_object_get(*out_reply, "error")) {
        json_decref(*out_reply);
        *out_reply = NULL;
    }
    return result;
}

static int receive_file(int fd, json_t *reply, hub_piece_fn *take, void *context)
{
    json_int_t len = json_integer_value(json_object_get(reply, "file"));
    return len > 0 && take ? receive_pieces(fd, (uint64_t)len, take, context) : 0;
}

static int ask_for_file(const struct place *place, json_t *request, hub_piece_fn *take,
                        void *context, json_t **out_reply)
{
    CLEANUP(close_fd) int fd = -1;
    *out_reply = NULL;
    int result = socket_connect_unix(place->socket, &fd);
    if (result < 0)
        return result;
    result = fd_set_nonblocking(fd, false);
    if (result < 0)
        return result;
    socket_set_timeout(fd, ANSWER_WITHIN_MS);
    result = bring_token(fd, place, out_reply);
    if (result < 0 || *out_reply)
        return result;
    result = exchange(fd, request, out_reply);
    return result == 0 ? receive_file(fd, *out_reply, take, context) : result;
}

static int ask(const struct place *place, json_t *request, json_t **out_reply)
{
    return ask_for_file(place, request, NULL, NULL, out_reply);
}

int hub_ask(const struct place *place, const char *cmdlet, json_t *parameters, json_t **out_reply)
{
    json_t *request = json_pack("{s:s, s:O}", "cmdlet", cmdlet, "parameters", parameters);
    int result = request ? ask(place, request, out_reply) : -ENOMEM;
    json_decref(request);
    return result;
}

int hub_ask_file(const struct place *place, const char *cmdlet, json_t *parameters,
                 hub_piece_fn *take, void *context, json_t **out_reply)
{
    json_t *request = json_pack("{s:s, s:O}", "cmdlet", cmdlet, "parameters", parameters);
    int result = request ? ask_for_file(place, request, take, context, out_reply) : -ENOMEM;
    json_decref(request);
    if (result < 0) {
        json_decref(*out_reply);
        *out_reply = NULL;
    }
    return result;
}

int hub_ask_names(const struct place *place, const char *cmdlet, json_t *parameters,
                  json_t **out_reply)
{
    json_t *request =
        json_pack("{s:s, s:O, s:b}", "cmdlet", cmdlet, "parameters", parameters, "names", true);
    int result = request ? ask(place, request, out_reply) : -ENOMEM;
    json_decref(request);
    return result;
}

int hub_ask_each(const struct place *place, const char *cmdlet, json_t *parameters, json_t *each,
                 bool stop, json_t **out_reply)
{
    json_t *request = json_pack("{s:s, s:O, s:O, s:b}", "cmdlet", cmdlet, "parameters", parameters,
                                "each", each, "stop", stop);
    int result = request ? ask(place, request, out_reply) : -ENOMEM;
    json_decref(request);
    return result;
}
