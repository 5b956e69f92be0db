/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/smtp_client.h"

#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 65536, TRANSCRIPT_MAX = 1 << 20, FAILURE_MAX = 1024, PIECE_BYTES = 16384 };

void smtp_client_init(struct smtp_client *client)
{
    *client = (struct smtp_client){
        .fd = -1,
        .input = text_with_ceiling(INPUT_MAX),
        .reply.text = text_with_ceiling(INPUT_MAX),
        .transcript = text_with_ceiling(TRANSCRIPT_MAX),
        .failure = text_with_ceiling(FAILURE_MAX),
    };
}

void smtp_client_deinit(struct smtp_client *client)
{
    tls_engine_free(client->tls);
    close_fd(&client->fd);
    text_deinit(&client->input);
    text_deinit(&client->reply.text);
    text_deinit(&client->transcript);
    text_deinit(&client->failure);
}

static bool fail(struct smtp_client *client, const char *what, const char *why)
{
    if (client->failure.len == 0)
        text_append_format(&client->failure, "%s: %s", what, why);
    return false;
}

static void note(struct smtp_client *client, const char *who, struct slice line)
{
    text_append_c(&client->transcript, who);
    text_append_escaped(&client->transcript, line, SMTP_LINE_MAX);
    text_append_c(&client->transcript, "\n");
}

bool smtp_client_connect(struct smtp_client *client, struct ip_endpoint endpoint)
{
    int result = socket_connect(endpoint, SMTP_WAIT_MS, &client->fd);
    if (result < 0)
        return fail(client, "connect", strerror(-result));
    socket_set_timeout(client->fd, SMTP_WAIT_MS);
    return true;
}

/* --- bytes --- */

static bool send_all(struct smtp_client *client, struct slice bytes)
{
    int result = fd_write_all(client->fd, bytes);
    return result == 0 || fail(client, "send", strerror(-result));
}

static bool flush_tls(struct smtp_client *client)
{
    struct slice cipher = tls_engine_cipher_out(client->tls);
    if (cipher.len == 0)
        return true;
    size_t len = cipher.len;
    if (!send_all(client, cipher))
        return false;
    tls_engine_cipher_out_sent(client->tls, len);
    return true;
}

static bool receive_some(struct smtp_client *client, char *piece, size_t capacity, size_t *out_len)
{
    ssize_t got;
    do
        got = read(client->fd, piece, capacity);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(client, "receive", errno == EAGAIN ? "no answer in time" : strerror(errno));
    if (got == 0)
        return fail(client, "receive", "the server closed the connection");
    *out_len = (size_t)got;
    return true;
}

static bool feed_tls(struct smtp_client *client)
{
    char piece[PIECE_BYTES];
    size_t room = tls_engine_cipher_room(client->tls), len;
    if (room == 0)
        return fail(client, "TLS", "the server sends more than fits");
    if (!receive_some(client, piece, room < sizeof(piece) ? room : sizeof(piece), &len))
        return false;
    tls_engine_cipher_in(client->tls, (struct slice){piece, len});
    return true;
}

static bool fail_tls(struct smtp_client *client)
{
    char storage[256];
    struct text reason = text_over(storage, sizeof(storage));
    tls_engine_failure(client->tls, &reason);
    const char *why = text_c_string(&reason);
    return fail(client, "TLS", why ? why : "failed");
}

bool smtp_client_start_tls(struct smtp_client *client, struct tls_context *context,
                           struct slice server_name)
{
    if (client->input.len > 0)
        return fail(client, "TLS", "the server sent more in clear behind its answer to STARTTLS");
    client->tls = tls_engine_new(context, false);
    if (!client->tls || !tls_engine_expect(client->tls, server_name))
        return fail(client, "TLS", "no memory, or the server's name is too long");
    for (;;) {
        enum tls_outcome outcome = tls_engine_handshake(client->tls);
        bool sent = flush_tls(client);
        if (outcome == TLS_OK)
            return sent;
        if (outcome == TLS_FAILED || outcome == TLS_CLOSED)
            return fail_tls(client);
        if (!sent || (outcome == TLS_WANT_INPUT && !feed_tls(client)))
            return false;
    }
}

static bool read_tls(struct smtp_client *client)
{
    char piece[PIECE_BYTES];
    size_t len;
    for (;;) {
        enum tls_outcome outcome = tls_engine_read(client->tls, piece, sizeof(piece), &len);
        if (!flush_tls(client))
            return false;
        if (outcome == TLS_OK)
            return text_append(&client->input, (struct slice){piece, len}) ||
                   fail(client, "receive", "a reply is too long");
        if (outcome == TLS_CLOSED)
            return fail(client, "receive", "the server closed the connection");
        if (outcome == TLS_FAILED)
            return fail_tls(client);
        if (outcome == TLS_WANT_INPUT && !feed_tls(client))
            return false;
    }
}

static bool read_more(struct smtp_client *client)
{
    char piece[PIECE_BYTES];
    size_t len;
    if (client->tls)
        return read_tls(client);
    return receive_some(client, piece, sizeof(piece), &len) &&
           (text_append(&client->input, (struct slice){piece, len}) ||
            fail(client, "receive", "a reply is too long"));
}

bool smtp_client_send(struct smtp_client *client, struct slice bytes)
{
    if (!client->tls)
        return send_all(client, bytes);
    while (bytes.len > 0) {
        struct slice piece = slice_first(bytes, PIECE_BYTES);
        enum tls_outcome outcome = tls_engine_write(client->tls, piece);
        if (outcome == TLS_FAILED || outcome == TLS_CLOSED)
            return fail_tls(client);
        if (!flush_tls(client))
            return false;
        if (outcome == TLS_OK)
            bytes = slice_after(bytes, piece.len);
    }
    return true;
}

/* --- replies --- */

static void note_reply(struct smtp_client *client, struct slice wire)
{
    struct slice line;
    while (wire.len && slice_take_field(&wire, '\n', &line))
        note(client, "S: ", slice_first(line, line.len - 1)); /* without its CR */
}

bool smtp_client_read_reply(struct smtp_client *client)
{
    for (;;) {
        struct slice whole = text_slice(&client->input), rest = whole;
        enum client_reply_outcome outcome = client_reply_take(&rest, &client->reply);
        if (outcome == CLIENT_REPLY_BAD)
            return fail(client, "reply", "it is none of SMTP");
        if (outcome == CLIENT_REPLY_DONE) {
            size_t taken = whole.len - rest.len;
            note_reply(client, slice_first(whole, taken));
            text_consume(&client->input, taken);
            return true;
        }
        if (!read_more(client))
            return false;
    }
}

bool smtp_client_command(struct smtp_client *client, struct slice line, const char *shown)
{
    char storage[SMTP_LINE_MAX];
    struct text wire = text_over(storage, sizeof(storage));
    note(client, "C: ", shown ? slice_of(shown) : line);
    text_append(&wire, line);
    text_append_c(&wire, "\r\n");
    bool sent = wire.truncated ? fail(client, "send", "the command is too long")
                               : smtp_client_send(client, text_slice(&wire));
    explicit_bzero(storage, sizeof(storage));
    return sent && smtp_client_read_reply(client);
}
