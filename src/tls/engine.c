/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/engine.h"

#include "base/ip.h"
#include "tls/context_state.h"
#include "tls/engine_state.h"
#include "tls/host_name.h"
#include "tls/library.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_MAX = 256, SERVER_HANDSHAKE_MAX = 160 * 1024 };

struct tls_session {
    SSL_SESSION *session;
};

static bool connect_bio(struct tls_engine *engine)
{
    BIO *bio = engine_bio_new(engine);
    if (!bio)
        return false;
    SSL_set_bio(engine->ssl, bio, bio);
    return SSL_set_app_data(engine->ssl, engine) == 1;
}

static bool build(struct tls_engine *engine)
{
    struct tls_context *context = engine->context;
    engine->ssl = SSL_new(context->ctx);
    if (!engine->ssl || !connect_bio(engine))
        return false;
    if (!engine->server) {
        SSL_set_connect_state(engine->ssl);
        return true;
    }
    SSL_set_accept_state(engine->ssl);
    if (!tls_tickets_ready(context->binding.keys)) {
        SSL_set_options(engine->ssl, SSL_OP_NO_TICKET);
        return SSL_set_num_tickets(engine->ssl, 0) == 1;
    }
    return true;
}

struct tls_engine *tls_engine_new(struct tls_context *context, bool server)
{
    assert(context->server == server);
    struct tls_engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return NULL;
    engine->context = tls_context_ref(context);
    engine->server = server;
    engine->alert_received = engine->alert_sent = -1;
    engine->in = text_with_ceiling(TLS_CIPHER_IN_MAX);
    engine->out = text_with_ceiling(TLS_CIPHER_OUT_MAX);
    engine->name = text_with_ceiling(TLS_SERVER_NAME_MAX);
    engine->reason = text_with_ceiling(REASON_MAX);
    if (build(engine))
        return engine;
    ERR_clear_error();
    tls_engine_free(engine);
    return NULL;
}

void tls_engine_free(struct tls_engine *engine)
{
    if (!engine)
        return;
    SSL_free(engine->ssl);
    tls_context_unref(engine->chosen);
    tls_context_unref(engine->context);
    text_deinit(&engine->in);
    text_deinit(&engine->out);
    text_deinit(&engine->name);
    text_deinit(&engine->reason);
    free(engine);
}

void tls_engine_set_chooser(struct tls_engine *engine, tls_choose_fn *choose, void *chooser)
{
    engine->choose = choose;
    engine->chooser = chooser;
}

bool tls_engine_expect(struct tls_engine *engine, struct slice peer_name)
{
    struct ip_address address;
    text_clear(&engine->name);
    if (!text_append_lower(&engine->name, peer_name))
        return false;
    if (ip_parse(peer_name, &address) || !host_name_ok(peer_name, false))
        return true; /* RFC 6066 3: no literal addresses; what is no name is not asked for */
    char name[TLS_SERVER_NAME_MAX + 1] = {0};
    memcpy(name, engine->name.at, engine->name.len);
    return SSL_set_tlsext_host_name(engine->ssl, name) == 1;
}

static void note_alert(struct tls_engine *engine)
{
    if (engine->alert_received >= 0)
        text_append_format(&engine->reason, "peer sent alert %d (%s)", engine->alert_received,
                           SSL_alert_desc_string_long(engine->alert_received));
    else
        tls_library_error(&engine->reason);
    if (engine->alert_sent >= 0)
        text_append_format(&engine->reason, ", alert %d sent", engine->alert_sent);
}

static enum tls_outcome fail(struct tls_engine *engine)
{
    if (!engine->failed)
        note_alert(engine);
    engine->failed = true;
    ERR_clear_error();
    return TLS_FAILED;
}

/* What a call of OpenSSL that did not succeed means. */
static enum tls_outcome not_done(struct tls_engine *engine, int result)
{
    switch (SSL_get_error(engine->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANT_INPUT;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANT_OUTPUT;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        return fail(engine);
    }
}

static bool hello_too_long(const struct tls_engine *engine)
{
    size_t limit = engine->server ? (size_t)TLS_HANDSHAKE_MAX : (size_t)SERVER_HANDSHAKE_MAX;
    return engine->handshake_in > limit;
}

enum tls_outcome tls_engine_handshake(struct tls_engine *engine)
{
    if (engine->failed)
        return TLS_FAILED;
    if (engine->done)
        return TLS_OK;
    ERR_clear_error();
    int result = SSL_do_handshake(engine->ssl);
    engine->done = result == 1;
    if (engine->done)
        return TLS_OK;
    enum tls_outcome outcome = not_done(engine, result);
    if (outcome != TLS_WANT_INPUT || !hello_too_long(engine))
        return outcome;
    text_append_c(&engine->reason, "the peer's handshake is too long");
    engine->failed = true;
    return TLS_FAILED;
}

size_t tls_engine_cipher_room(const struct tls_engine *engine)
{
    return engine->in.ceiling - (engine->in.len - engine->in_at);
}

size_t tls_engine_cipher_in(struct tls_engine *engine, struct slice cipher)
{
    if (engine->in_at) {
        text_consume(&engine->in, engine->in_at);
        engine->in_at = 0;
    }
    struct slice taken = slice_first(cipher, tls_engine_cipher_room(engine));
    if (!text_append(&engine->in, taken))
        return 0;
    if (!engine->done)
        engine->handshake_in += taken.len;
    return taken.len;
}

struct slice tls_engine_cipher_out(const struct tls_engine *engine)
{
    return text_slice(&engine->out);
}

void tls_engine_cipher_out_sent(struct tls_engine *engine, size_t count)
{
    if (count >= engine->out.len)
        text_clear(&engine->out);
    else
        text_consume(&engine->out, count);
    engine->out.truncated = false;
}

enum tls_outcome tls_engine_read(struct tls_engine *engine, char *buffer, size_t capacity,
                                 size_t *out_len)
{
    *out_len = 0;
    if (engine->failed || !engine->done)
        return engine->failed ? TLS_FAILED : TLS_WANT_INPUT;
    ERR_clear_error();
    int result = SSL_read_ex(engine->ssl, buffer, capacity, out_len);
    if (result == 1 && *out_len)
        return TLS_OK;
    *out_len = 0;
    return not_done(engine, result);
}

/* Room for the bytes and what TLS wraps around each record of 16 KiB. */
static bool room_for(const struct tls_engine *engine, size_t plain_len)
{
    size_t const per_record = 16 * 1024, wrapping = 256;
    size_t needed = plain_len + (plain_len / per_record + 1) * wrapping;
    return needed <= engine->out.ceiling - engine->out.len;
}

enum tls_outcome tls_engine_write(struct tls_engine *engine, struct slice plain)
{
    size_t written;
    assert(plain.len <= TLS_WRITE_MAX);
    if (engine->failed || engine->closing || !engine->done)
        return TLS_FAILED;
    if (!plain.len)
        return TLS_OK;
    if (!room_for(engine, plain.len))
        return TLS_WANT_OUTPUT;
    ERR_clear_error();
    int result = SSL_write_ex(engine->ssl, plain.at, plain.len, &written);
    if (result == 1)
        return TLS_OK;
    enum tls_outcome outcome = not_done(engine, result);
    return outcome == TLS_WANT_OUTPUT ? outcome : fail(engine);
}

void tls_engine_close_notify(struct tls_engine *engine)
{
    if (engine->failed || engine->closing || !engine->done)
        return;
    engine->closing = true;
    (void)SSL_shutdown(engine->ssl);
    ERR_clear_error();
}

size_t tls_engine_unread(const struct tls_engine *engine)
{
    return engine->in.len - engine->in_at;
}

void tls_engine_idle(struct tls_engine *engine)
{
    if (!tls_engine_unread(engine)) {
        size_t ceiling = engine->in.ceiling;
        text_deinit(&engine->in);
        engine->in = text_with_ceiling(ceiling);
        engine->in_at = 0;
    }
    if (!engine->out.len) {
        size_t ceiling = engine->out.ceiling;
        text_deinit(&engine->out);
        engine->out = text_with_ceiling(ceiling);
    }
}

bool tls_engine_resume(struct tls_engine *engine, const struct tls_session *session)
{
    return session && SSL_set_session(engine->ssl, session->session) == 1;
}

/* A copy: OpenSSL spoils the original when its connection ends without close_notify. */
struct tls_session *tls_engine_session_take(struct tls_engine *engine)
{
    const SSL_SESSION *original = SSL_get0_session(engine->ssl);
    if (!original || !SSL_SESSION_is_resumable(original))
        return NULL;
    struct tls_session *taken = malloc(sizeof *taken);
    SSL_SESSION *session = taken ? SSL_SESSION_dup(original) : NULL;
    if (!session) {
        free(taken);
        return NULL;
    }
    taken->session = session;
    return taken;
}

void tls_session_free(struct tls_session *session)
{
    if (!session)
        return;
    SSL_SESSION_free(session->session);
    free(session);
}

void tls_engine_failure(const struct tls_engine *engine, struct text *out_reason)
{
    text_append(out_reason, text_slice(&engine->reason));
}

int tls_engine_alert_received(const struct tls_engine *engine)
{
    return engine->alert_received;
}

int tls_engine_alert_sent(const struct tls_engine *engine)
{
    return engine->alert_sent;
}
