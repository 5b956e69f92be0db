/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's buffers as OpenSSL sees them: a BIO that reads what was fed and writes what is to be
 * sent, both bounded. An empty or full buffer is "try again", never an end of file. */
#include "tls/engine_state.h"

#include <openssl/bio.h>
#include <string.h>

static int on_write(BIO *bio, const char *bytes, size_t len, size_t *out_written)
{
    struct tls_engine *engine = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    *out_written = 0;
    if (!text_append(&engine->out, slice_bytes(bytes, len))) {
        BIO_set_retry_write(bio);
        return 0;
    }
    *out_written = len;
    return 1;
}

static int on_read(BIO *bio, char *buffer, size_t capacity, size_t *out_read)
{
    struct tls_engine *engine = BIO_get_data(bio);
    struct slice waiting = slice_after(text_slice(&engine->in), engine->in_at);
    BIO_clear_retry_flags(bio);
    *out_read = 0;
    if (!waiting.len) {
        BIO_set_retry_read(bio);
        return 0;
    }
    struct slice taken = slice_first(waiting, capacity);
    memcpy(buffer, taken.at, taken.len);
    engine->in_at += taken.len;
    if (engine->in_at == engine->in.len) {
        text_clear(&engine->in);
        engine->in_at = 0;
    }
    *out_read = taken.len;
    return 1;
}

static long on_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern");
    if (method && BIO_meth_set_write_ex(method, on_write) &&
        BIO_meth_set_read_ex(method, on_read) && BIO_meth_set_ctrl(method, on_control))
        return method;
    BIO_meth_free(method);
    return NULL;
}

BIO *engine_bio_new(struct tls_engine *engine)
{
    static BIO_METHOD *method; /* one for the process */
    if (!method)
        method = method_new();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio)
        return NULL;
    BIO_set_data(bio, engine);
    BIO_set_init(bio, 1);
    return bio;
}
