/* SPDX-License-Identifier: Apache-2.0 */
/* engine - one TLS session behind four openings: cipher in, cipher out, plain in, plain out.
 *
 * It owns no socket and reads no clock (OpenSSL looks at the wall clock for ticket lifetimes).
 * The owner moves bytes:
 *
 *     cipher bytes came   tls_engine_cipher_in, then handshake or read until TLS_WANT_INPUT
 *     plain bytes go      tls_engine_write
 *     after each of them  send what tls_engine_cipher_out shows, tell with _cipher_out_sent
 *     nothing is pending  tls_engine_idle gives the buffers back
 *
 * What a peer can make it hold is bounded: TLS_CIPHER_IN_MAX unread cipher bytes,
 * TLS_CIPHER_OUT_MAX unsent ones, TLS_HANDSHAKE_MAX bytes of a client's whole handshake (64 KiB; a
 * server's: 160 KiB). Failure is final: every later verb answers TLS_FAILED, an alert may wait in
 * cipher_out. No compression, no renegotiation, no early data. A client that offers ALPN without
 * "smtp" gets alert 120 (RFC 7301 3.2): cross-protocol requests end there.
 */
#ifndef TLS_ENGINE_H
#define TLS_ENGINE_H

#include "base/attributes.h"
#include "base/text.h"
#include "tls/context.h"
#include "tls/dane.h"
#include "tls/verify.h"

enum {
    TLS_CIPHER_IN_MAX = 32 * 1024,
    TLS_CIPHER_OUT_MAX = 128 * 1024,
    TLS_WRITE_MAX = 64 * 1024,
    TLS_HANDSHAKE_MAX = 64 * 1024,
    TLS_SERVER_NAME_MAX = 255,
    TLS_EXPORTER_BINDING_BYTES = 32,
};

enum tls_outcome {
    TLS_OK,          /* done; for read: at least one byte */
    TLS_WANT_INPUT,  /* feed cipher bytes, ask again */
    TLS_WANT_OUTPUT, /* nothing done: cipher_out is full, send it, ask again */
    TLS_CLOSED,      /* the peer said close_notify: no byte after it is to be believed */
    TLS_FAILED,      /* see tls_engine_failure */
};

struct tls_engine;
struct tls_session; /* a client's memory of a session, to resume it */

/* NULL without memory. Takes a reference on the context. `server` must be what it was made for. */
MUST_USE struct tls_engine *tls_engine_new(struct tls_context *context, bool server);
void tls_engine_free(struct tls_engine *engine); /* accepts NULL */

/* Client only, before the first handshake call: the name to ask for (SNI, unless it is an address)
 * and to judge by, and a session to resume. False: too long, or no memory. */
bool tls_engine_expect(struct tls_engine *engine, struct slice peer_name);
bool tls_engine_resume(struct tls_engine *engine, const struct tls_session *session);

struct tls_hello {            /* what a client says before a certificate is chosen */
    struct slice server_name; /* as tls_engine_server_name gives it */
    unsigned verifies;        /* enum tls_verifiable; 0: it does not say */
};

/* Server only, before the first handshake call: who chooses by the client's hello. Called at most
 * once, while the hello is read; NULL keeps the context there is. The engine takes a reference of
 * its own. */
typedef struct tls_context *tls_choose_fn(void *chooser, const struct tls_hello *hello);
void tls_engine_set_chooser(struct tls_engine *engine, tls_choose_fn *choose, void *chooser);

enum tls_outcome tls_engine_handshake(struct tls_engine *engine);

/* Copies cipher bytes in; the count taken, less than given when TLS_CIPHER_IN_MAX is reached. */
size_t tls_engine_cipher_in(struct tls_engine *engine, struct slice cipher);
size_t tls_engine_cipher_room(const struct tls_engine *engine); /* how many it would take */
/* Borrowed until the next call that changes the engine. */
struct slice tls_engine_cipher_out(const struct tls_engine *engine);
void tls_engine_cipher_out_sent(struct tls_engine *engine, size_t count);

/* Plain bytes; TLS_OK sets out_len >= 1, every other outcome sets 0. */
enum tls_outcome tls_engine_read(struct tls_engine *engine, char *buffer, size_t capacity,
                                 size_t *out_len);
/* All of it or nothing: TLS_OK, TLS_WANT_OUTPUT or TLS_FAILED. At most TLS_WRITE_MAX bytes; empty
 * is TLS_OK. */
enum tls_outcome tls_engine_write(struct tls_engine *engine, struct slice plain);
/* Queues close_notify once. Reading on is allowed, writing is not. */
void tls_engine_close_notify(struct tls_engine *engine);

/* Cipher bytes fed that no read has consumed yet. At a STARTTLS boundary the caller looks here. */
size_t tls_engine_unread(const struct tls_engine *engine);
/* Gives unused buffers back; call it when the session waits for the peer. Cheap, never fails. */
void tls_engine_idle(struct tls_engine *engine);

/* Facts; valid once the handshake is done, text borrowed from the engine. */
struct slice tls_engine_version(const struct tls_engine *engine); /* "TLS1.3", "TLS1.2" */
struct slice tls_engine_cipher(const struct tls_engine *engine);  /* "TLS_AES_256_GCM_SHA384" */
int tls_engine_cipher_bits(const struct tls_engine *engine);
struct slice tls_engine_group(const struct tls_engine *engine); /* "X25519"; resumed 1.2: "" */
struct slice
tls_engine_signature(const struct tls_engine *engine); /* client: scheme the server used */
bool tls_engine_resumed(const struct tls_engine *engine);
/* Server: the name the client asked for, lower case, host name characters only, else empty;
 * asked is true even when the name was unfit. Never a path, never trusted: an exact lookup key. */
struct slice tls_engine_server_name(const struct tls_engine *engine, bool *out_asked);
/* The peer's certificates as sent, leaf first, DER. False when there is none, or `index` is past
 * the last one. Appended to out_der. */
bool tls_engine_peer_certificate(const struct tls_engine *engine, size_t index,
                                 struct text *out_der);
/* Client: whether the server has asked for a certificate. */
bool tls_engine_certificate_asked(const struct tls_engine *engine);
/* What the rules say of the peer's chain (client: for the expected name; server: as a client's).
 * Good behind a full handshake only: a resumed session knows the peer's leaf and no more. */
void tls_engine_verdict(const struct tls_engine *engine, int64_t at_ms,
                        struct verdict *out_verdict);
/* What TLSA records say of the server's chain; likewise behind a full handshake only. */
void tls_engine_dane_verdict(const struct tls_engine *engine, const struct dane_question *question,
                             int64_t at_ms, struct dane_verdict *out_verdict);
/* RFC 5929 4 tls-server-end-point of the server's certificate; out 64 bytes; 0 = not to be had. */
size_t tls_engine_end_point_binding(const struct tls_engine *engine, unsigned char out_hash[64]);
/* RFC 9266 tls-exporter: bytes that both ends of this one session have, and nobody between them.
 * False: a handshake that is not done, or TLS 1.2 and older without the extended master secret
 * (RFC 7627), where somebody between them could. */
MUST_USE bool tls_engine_exporter_binding(const struct tls_engine *engine,
                                          unsigned char out[TLS_EXPORTER_BINDING_BYTES]);

/* Client: the session to resume later, NULL when the server gave none. TLS 1.3 tickets arrive with
 * the first read. */
struct tls_session *tls_engine_session_take(struct tls_engine *engine);
void tls_session_free(struct tls_session *session);

/* One line: why it failed ("peer sent alert 48 unknown CA", "no shared cipher", ...). */
void tls_engine_failure(const struct tls_engine *engine, struct text *out_reason);
/* Number of the fatal alert that ended the session: received (0-255), sent, or -1. */
int tls_engine_alert_received(const struct tls_engine *engine);
int tls_engine_alert_sent(const struct tls_engine *engine);

#endif
