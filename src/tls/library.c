/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/library.h"

#include "tls/remote_key.h"

#include <errno.h>
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { WARM_UP_BYTES = 32, ERROR_TEXT_MAX = 256 };

/* A throw-away context makes libssl fetch what handshakes need; random bytes seed the generators,
 * public and private; the first date makes libc look for its time zone file. */
static bool warm_up(void)
{
    unsigned char bytes[WARM_UP_BYTES];
    struct tm date;
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    SSL *ssl = ctx ? SSL_new(ctx) : NULL;
    bool ok = ssl && OPENSSL_gmtime(&(time_t){0}, &date) && RAND_bytes(bytes, sizeof bytes) == 1 &&
              RAND_priv_bytes(bytes, sizeof bytes) == 1;
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return ok;
}

static void *take(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return malloc(size);
}

static void wipe_and_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* As realloc, but what was in the old place is gone. */
static void *move(void *memory, size_t size, const char *file, int line)
{
    if (size == 0) {
        wipe_and_free(memory, file, line);
        return NULL;
    }
    void *moved = malloc(size);
    if (!moved || !memory)
        return moved;
    size_t held = malloc_usable_size(memory);
    memcpy(moved, memory, held < size ? held : size);
    wipe_and_free(memory, file, line);
    return moved;
}

bool tls_library_wipe_freed(void)
{
    static bool wiping; /* OpenSSL takes such functions before its first allocation only */
    if (!wiping)
        wiping = CRYPTO_set_mem_functions(take, move, wipe_and_free) == 1;
    return wiping;
}

int tls_library_start(void)
{
    static bool started;
    static OSSL_PROVIDER *standard; /* kept for the life of the process */
    const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS |
                             OPENSSL_INIT_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_ADD_ALL_CIPHERS |
                             OPENSSL_INIT_ADD_ALL_DIGESTS;
    if (started)
        return 0;
    if (OPENSSL_init_ssl(options, NULL) != 1)
        return -EIO;
    if (!standard)
        standard = OSSL_PROVIDER_load(NULL, "default");
    if (!standard || remote_key_provider_start() < 0 ||
        EVP_set_default_properties(NULL, "?provider=default") != 1 || !warm_up())
        return -EIO;
    ERR_clear_error();
    started = true;
    return 0;
}

void tls_library_error(struct text *out_reason)
{
    unsigned long error = ERR_peek_last_error();
    const char *words = error ? ERR_reason_error_string(error) : "no error";
    char text[ERROR_TEXT_MAX];
    if (!words) {
        ERR_error_string_n(error, text, sizeof text);
        words = text;
    }
    ERR_clear_error();
    text_append_c(out_reason, words);
}
