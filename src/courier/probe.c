/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/probe.h"

#include "os/descriptor.h"
#include "os/socket.h"
#include "smtp/client_reply.h"
#include "tls/certificate_facts.h"
#include "tls/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    INPUT_MAX = 16384,
    SHOWN_MAX = 160, /* of the server's words */
    LEAF_MAX = 65536,
    THUMBPRINT_MAX = 20,
    PIECE_BYTES = 16384,
};

/* What it waits for. */
enum step { STEP_CONNECTED, STEP_GREETING, STEP_EHLO, STEP_STARTTLS, STEP_HANDSHAKE, STEP_END };

struct probe {
    struct probe *next, **link;
    struct loop *loop;
    struct channel *hub;
    uint64_t number;
    bool implicit_tls, proxy;
    int fd;
    enum step step;
    struct watch watch, limit;
    struct tls_context *context;
    struct tls_engine *tls; /* NULL: in clear */
    struct text input;
    struct client_reply reply;
    struct text server_name, client_domain;
    enum wire_probe_outcome outcome; /* once it is known: the rest is politeness */
    struct text thumbprint, words;
};

static void probe_free(struct probe *probe)
{
    *probe->link = probe->next;
    if (probe->next)
        probe->next->link = probe->link;
    watch_stop(&probe->watch);
    timer_stop(&probe->limit);
    tls_engine_free(probe->tls);
    tls_context_unref(probe->context);
    close_fd(&probe->fd);
    text_deinit(&probe->input);
    text_deinit(&probe->reply.text);
    text_deinit(&probe->server_name);
    text_deinit(&probe->client_domain);
    text_deinit(&probe->thumbprint);
    text_deinit(&probe->words);
    free(probe);
}

/* --- the answer --- */

static void answer(struct probe *probe)
{
    struct wire_probed probed = {.probe = probe->number,
                                 .outcome = probe->outcome,
                                 .thumbprint = text_slice(&probe->thumbprint),
                                 .text = text_slice(&probe->words)};
    channel_send(probe->hub, WIRE_PROBED, &probed, -1);
    probe_free(probe);
}

/* False, for the caller to return: it is over. */
static bool end(struct probe *probe, enum wire_probe_outcome outcome, const char *words)
{
    probe->outcome = outcome;
    text_append_c(&probe->words, words);
    answer(probe);
    return false;
}

static bool end_error(struct probe *probe, const char *what, int error)
{
    text_append_format(&probe->words, "%s: ", what);
    return end(probe, WIRE_PROBE_UNREACHABLE, strerror(error));
}

static bool end_tls(struct probe *probe)
{
    char storage[256];
    struct text reason = text_over(storage, sizeof storage);
    tls_engine_failure(probe->tls, &reason);
    text_append_escaped(&probe->words, text_slice(&reason), SHOWN_MAX);
    return end(probe, WIRE_PROBE_TLS_FAILED, "");
}

static bool end_refused(struct probe *probe)
{
    struct slice words = text_slice(&probe->reply.text), line = SLICE("");
    slice_take_field(&words, '\n', &line);
    text_append_format(&probe->words, "%u ", probe->reply.code);
    text_append_escaped(&probe->words, line, SHOWN_MAX);
    return end(probe, WIRE_PROBE_REFUSED, "");
}

/* --- bytes --- */

/* Everything said here is short and the socket empty: what the kernel does not take at once is a
 * server that does not listen. */
static bool send_clear(struct probe *probe, struct slice bytes)
{
    ssize_t sent = send(probe->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
    if (sent < 0)
        return end_error(probe, "send", errno);
    return (size_t)sent == bytes.len ||
           end(probe, WIRE_PROBE_UNREACHABLE, "send: the server does not read");
}

static bool flush_tls(struct probe *probe)
{
    struct slice cipher = tls_engine_cipher_out(probe->tls);
    if (!cipher.len)
        return true;
    size_t len = cipher.len;
    if (!send_clear(probe, cipher))
        return false;
    tls_engine_cipher_out_sent(probe->tls, len);
    return true;
}

static bool say(struct probe *probe, const char *verb, struct slice argument)
{
    char storage[WIRE_DOMAIN_MAX + 32];
    struct text line = text_over(storage, sizeof storage);
    text_append_c(&line, verb);
    text_append(&line, argument);
    text_append_c(&line, "\r\n");
    if (!probe->tls)
        return send_clear(probe, text_slice(&line));
    return tls_engine_write(probe->tls, text_slice(&line)) == TLS_OK ? flush_tls(probe)
                                                                     : end_tls(probe);
}

/* --- the certificate --- */

static void read_thumbprint(struct probe *probe)
{
    struct text der = text_with_ceiling(LEAF_MAX);
    struct arena arena = arena_with_ceiling(1 << 20);
    struct certificate_facts facts;
    if (tls_engine_peer_certificate(probe->tls, 0, &der) &&
        certificate_facts_read(text_slice(&der), NULL, 0, &arena, &facts) == CERTIFICATE_OK)
        text_append(&probe->thumbprint, slice_bytes(facts.thumbprint, sizeof facts.thumbprint));
    arena_deinit(&arena);
    text_deinit(&der);
}

/* Knows what it came for: says goodbye and waits until the server has closed. */
static bool take_leave(struct probe *probe, enum wire_probe_outcome outcome)
{
    probe->outcome = outcome;
    probe->step = STEP_END;
    return say(probe, "QUIT", SLICE(""));
}

static bool shake_hands(struct probe *probe)
{
    enum tls_outcome outcome = tls_engine_handshake(probe->tls);
    if (outcome == TLS_FAILED || outcome == TLS_CLOSED)
        return end_tls(probe);
    if (!flush_tls(probe))
        return false;
    if (outcome != TLS_OK)
        return true;
    read_thumbprint(probe);
    if (!probe->thumbprint.len)
        return end(probe, WIRE_PROBE_TLS_FAILED, "the certificate cannot be read");
    if (!probe->implicit_tls)
        return take_leave(probe, WIRE_PROBE_SHOWN);
    probe->outcome = WIRE_PROBE_SHOWN;
    probe->step = STEP_GREETING;
    return true;
}

static bool start_tls(struct probe *probe)
{
    if (probe->input.len)
        return end(probe, WIRE_PROBE_TLS_FAILED, "the server sent more behind STARTTLS");
    probe->step = STEP_HANDSHAKE;
    probe->tls = tls_engine_new(probe->context, false);
    if (!probe->tls ||
        (probe->server_name.len && !tls_engine_expect(probe->tls, text_slice(&probe->server_name))))
        return end(probe, WIRE_PROBE_TLS_FAILED, "no memory");
    return shake_hands(probe);
}

/* --- the conversation --- */

static bool take_reply(struct probe *probe)
{
    struct slice ignored;
    unsigned code = probe->reply.code;
    switch (probe->step) {
    case STEP_GREETING:
        if (code != 220)
            return end_refused(probe);
        if (probe->tls)
            return take_leave(probe, WIRE_PROBE_SHOWN);
        probe->step = STEP_EHLO;
        return say(probe, "EHLO ", text_slice(&probe->client_domain));
    case STEP_EHLO:
        if (code != 250)
            return end_refused(probe);
        if (!client_reply_offers(&probe->reply, SLICE("STARTTLS"), &ignored))
            return take_leave(probe, WIRE_PROBE_NOT_OFFERED);
        probe->step = STEP_STARTTLS;
        return say(probe, "STARTTLS", SLICE(""));
    case STEP_STARTTLS:
        return code == 220 ? start_tls(probe) : end_refused(probe);
    case STEP_CONNECTED:
    case STEP_HANDSHAKE:
    case STEP_END:
        break;
    }
    return true;
}

static bool take_replies(struct probe *probe)
{
    while (probe->step != STEP_HANDSHAKE) {
        struct slice rest = text_slice(&probe->input);
        enum client_reply_outcome outcome = client_reply_take(&rest, &probe->reply);
        if (outcome == CLIENT_REPLY_BAD)
            return end(probe, WIRE_PROBE_REFUSED, "what came is no reply of SMTP");
        if (outcome == CLIENT_REPLY_MORE)
            return true;
        text_consume(&probe->input, probe->input.len - rest.len);
        if (!take_reply(probe))
            return false;
    }
    return true;
}

/* Behind the handshake: replies, and the tickets of TLS 1.3, of which no use is made. */
static bool read_tls(struct probe *probe)
{
    for (;;) {
        char piece[PIECE_BYTES];
        size_t len;
        enum tls_outcome outcome = tls_engine_read(probe->tls, piece, sizeof piece, &len);
        if (outcome == TLS_WANT_INPUT)
            return take_replies(probe);
        if (outcome != TLS_OK)
            return true; /* the end comes as the end of the connection */
        if (!text_append(&probe->input, slice_bytes(piece, len)))
            return end(probe, WIRE_PROBE_REFUSED, "a reply is too long");
    }
}

static bool take_bytes(struct probe *probe, struct slice bytes)
{
    if (!probe->tls)
        return text_append(&probe->input, bytes)
                   ? take_replies(probe)
                   : end(probe, WIRE_PROBE_REFUSED, "a reply is too long");
    if (tls_engine_cipher_in(probe->tls, bytes) < bytes.len)
        return end(probe, WIRE_PROBE_TLS_FAILED, "the server sends more than fits");
    if (probe->step == STEP_HANDSHAKE && !shake_hands(probe))
        return false;
    return probe->step == STEP_HANDSHAKE || read_tls(probe);
}

static bool end_closed(struct probe *probe)
{
    if (probe->step == STEP_END)
        answer(probe);
    else if (probe->tls)
        end(probe, WIRE_PROBE_TLS_FAILED, "the server closed the connection");
    else
        end(probe, WIRE_PROBE_UNREACHABLE, "the server closed the connection");
    return false;
}

static bool begin_talk(struct probe *probe)
{
    int result = socket_connect_result(probe->fd);
    if (result < 0)
        return end_error(probe, "connect", -result);
    probe->step = STEP_GREETING;
    watch_set(&probe->watch, LOOP_READ);
    if (probe->proxy && !send_clear(probe, SLICE("PROXY UNKNOWN\r\n")))
        return false;
    return !probe->implicit_tls || start_tls(probe);
}

static void on_socket(void *context, unsigned events)
{
    struct probe *probe = context;
    char piece[PIECE_BYTES];
    (void)events;
    if (probe->step == STEP_CONNECTED) {
        begin_talk(probe);
        return;
    }
    ssize_t got = read(probe->fd, piece, sizeof piece);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0)
        take_bytes(probe, slice_bytes(piece, (size_t)got));
    else
        end_closed(probe);
}

static void on_limit(void *context, unsigned events)
{
    struct probe *probe = context;
    (void)events;
    if (probe->step == STEP_END) /* what it came for is known */
        answer(probe);
    else
        end(probe, WIRE_PROBE_UNREACHABLE, "no answer in time");
}

/* --- life --- */

static struct probe *probe_new(struct probe **list, struct loop *loop, struct channel *hub,
                               const struct wire_probe *wanted)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (!probe)
        return NULL;
    *probe = (struct probe){.next = *list,
                            .link = list,
                            .loop = loop,
                            .hub = hub,
                            .number = wanted->probe,
                            .implicit_tls = wanted->implicit_tls,
                            .proxy = wanted->proxy,
                            .fd = -1,
                            .input = text_with_ceiling(INPUT_MAX),
                            .reply.text = text_with_ceiling(INPUT_MAX),
                            .server_name = text_with_ceiling(WIRE_DOMAIN_MAX),
                            .client_domain = text_with_ceiling(WIRE_DOMAIN_MAX),
                            .thumbprint = text_with_ceiling(THUMBPRINT_MAX),
                            .words = text_with_ceiling(512)};
    if (probe->next)
        probe->next->link = &probe->next;
    *list = probe;
    text_append(&probe->server_name, wanted->server_name);
    text_append(&probe->client_domain, wanted->client_domain);
    return probe;
}

void probe_start(struct probe **list, struct loop *loop, struct channel *hub,
                 const struct wire_probe *wanted)
{
    struct ip_endpoint endpoint = {.address = wanted->address, .port = (uint16_t)wanted->port};
    struct tls_client_settings settings = {.min_version = (uint16_t)wanted->version,
                                           .max_version = (uint16_t)wanted->version,
                                           .verifies = (unsigned)wanted->verifies};
    struct probe *probe = probe_new(list, loop, hub, wanted);
    if (!probe) /* the hub has a limit of its own */
        return;
    int result = tls_context_new_client(&settings, &probe->context);
    if (result != TLS_CONTEXT_OK) {
        end(probe, WIRE_PROBE_TLS_FAILED, "this version of TLS cannot be tried");
        return;
    }
    result = socket_connect_begin(endpoint, &probe->fd);
    if (result < 0) {
        end_error(probe, "connect", -result);
        return;
    }
    timer_init(&probe->limit, loop, on_limit, probe);
    timer_set(&probe->limit, PROBE_LIMIT_MS);
    watch_init(&probe->watch, loop, probe->fd, on_socket, probe);
    watch_set(&probe->watch, LOOP_WRITE);
}

void probes_end(struct probe **list)
{
    while (*list)
        probe_free(*list);
}
