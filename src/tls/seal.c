/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/seal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAGIC_BYTES = 4,
    ID_BYTES = 4,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    DEK_BYTES = 32,
    HEAD_BYTES = MAGIC_BYTES + ID_BYTES,
    WRAPPED_BYTES = NONCE_BYTES + DEK_BYTES + TAG_BYTES,
    BOUND_MAX = 4096,
};
_Static_assert(HEAD_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES == SEAL_OVERHEAD_BYTES,
               "what the header says");

#define MAGIC "PSL1" /* the last character is the version; the head is authenticated whole */

static bool append_u32(struct text *text, uint32_t number)
{
    char bytes[ID_BYTES] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8),
                            (char)number};
    return text_append(text, slice_bytes(bytes, sizeof bytes));
}

/* Each part with its length, so that no two pairs bind alike. */
bool seal_bind(struct text *out_bound, struct slice object_id, struct slice label)
{
    if (object_id.len > BOUND_MAX || label.len > BOUND_MAX)
        return false;
    return append_u32(out_bound, (uint32_t)object_id.len) && text_append(out_bound, object_id) &&
           append_u32(out_bound, (uint32_t)label.len) && text_append(out_bound, label);
}

static void free_cipher(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
}

struct gcm {
    const unsigned char *key, *nonce;
    struct slice head, bound; /* authenticated, one behind the other */
};

/* encrypt: 1 or 0, as EVP_CipherInit_ex2 has it. */
static EVP_CIPHER_CTX *gcm_begin(const struct gcm *gcm, int encrypt)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const struct slice parts[] = {gcm->head, gcm->bound};
    int len;
    bool ok = context && EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), gcm->key, gcm->nonce,
                                            encrypt, NULL) == 1;
    for (size_t i = 0; ok && i < COUNT_OF(parts); i++)
        ok = !parts[i].len ||
             EVP_CipherUpdate(context, NULL, &len, (const unsigned char *)parts[i].at,
                              (int)parts[i].len) == 1;
    if (ok)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* `out` has room for the ciphertext and the tag. */
static bool gcm_close(const struct gcm *gcm, struct slice plain, unsigned char *out)
{
    int len = 0;
    CLEANUP(free_cipher) EVP_CIPHER_CTX *context = gcm_begin(gcm, 1);
    return context &&
           (!plain.len || EVP_EncryptUpdate(context, out, &len, (const unsigned char *)plain.at,
                                            (int)plain.len) == 1) &&
           EVP_EncryptFinal_ex(context, out + len, &len) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, out + plain.len) == 1;
}

/* `sealed` ends with the tag; `out` has room for the rest. */
static bool gcm_open(const struct gcm *gcm, struct slice sealed, unsigned char *out)
{
    int len = 0;
    unsigned char tag[TAG_BYTES];
    size_t plain_len = sealed.len - TAG_BYTES;
    memcpy(tag, sealed.at + plain_len, TAG_BYTES);
    CLEANUP(free_cipher) EVP_CIPHER_CTX *context = gcm_begin(gcm, 0);
    bool ok = context &&
              (!plain_len || EVP_DecryptUpdate(context, out, &len, (const unsigned char *)sealed.at,
                                               (int)plain_len) == 1) &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1 &&
              EVP_DecryptFinal_ex(context, out + len, &len) == 1;
    if (!ok)
        OPENSSL_cleanse(out, plain_len);
    ERR_clear_error();
    return ok;
}

struct wrapping {
    const unsigned char *kek;
    uint32_t kek_id;
    struct slice bound;
};

/* Appends head and wrapped data key. */
static bool wrap(const struct wrapping *with, const unsigned char dek[DEK_BYTES], struct text *out)
{
    unsigned char nonce[NONCE_BYTES], wrapped[DEK_BYTES + TAG_BYTES];
    char storage[HEAD_BYTES];
    struct text head = text_over(storage, sizeof storage);
    if (!text_append_c(&head, MAGIC) || !append_u32(&head, with->kek_id) ||
        RAND_bytes(nonce, sizeof nonce) != 1)
        return false;
    struct gcm gcm = {with->kek, nonce, text_slice(&head), with->bound};
    return gcm_close(&gcm, slice_bytes(dek, DEK_BYTES), wrapped) &&
           text_append(out, text_slice(&head)) &&
           text_append(out, slice_bytes(nonce, sizeof nonce)) &&
           text_append(out, slice_bytes(wrapped, sizeof wrapped));
}

static bool unwrap(const struct wrapping *with, struct slice sealed, unsigned char dek[DEK_BYTES])
{
    struct slice head = slice_first(sealed, HEAD_BYTES);
    struct slice rest = slice_after(sealed, HEAD_BYTES);
    struct gcm gcm = {with->kek, (const unsigned char *)rest.at, head, with->bound};
    return gcm_open(&gcm, slice_first(slice_after(rest, NONCE_BYTES), DEK_BYTES + TAG_BYTES), dek);
}

/* Room for `count` more bytes, without growing step by step: no copy of a secret is left behind. */
static unsigned char *take_room(struct text *out, size_t count)
{
    static const char zeros[256];
    size_t before = out->len;
    if (!out->fixed && out->len + count > out->capacity) {
        struct text whole = text_with_ceiling(out->ceiling);
        whole.at = out->len + count <= out->ceiling ? malloc(out->len + count + 1) : NULL;
        if (!whole.at)
            return NULL;
        whole.capacity = out->len + count;
        if (out->len)
            memcpy(whole.at, out->at, out->len);
        whole.len = out->len;
        seal_wipe(out);
        *out = whole;
    }
    for (size_t done = 0; done < count; done += sizeof zeros)
        if (!text_append(out, slice_first(slice_bytes(zeros, sizeof zeros), count - done))) {
            out->len = before;
            return NULL;
        }
    return (unsigned char *)out->at + before;
}

/* The ciphertext is bound to magic and object, not to the KEK: seal_rewrap leaves it alone. */
static bool close_body(const unsigned char dek[DEK_BYTES], struct slice bound, struct slice plain,
                       struct text *out)
{
    unsigned char nonce[NONCE_BYTES];
    if (RAND_bytes(nonce, sizeof nonce) != 1 || !text_append(out, slice_bytes(nonce, sizeof nonce)))
        return false;
    unsigned char *room = take_room(out, plain.len + TAG_BYTES);
    struct gcm gcm = {dek, nonce, SLICE(MAGIC), bound};
    return room && gcm_close(&gcm, plain, room);
}

enum seal_outcome seal_close(const unsigned char kek[SEAL_KEK_BYTES], uint32_t kek_id,
                             struct slice bound, struct slice plain, struct text *out_sealed)
{
    unsigned char dek[DEK_BYTES];
    size_t before = out_sealed->len;
    struct wrapping with = {kek, kek_id, bound};
    bool ok = plain.len <= SEAL_PLAIN_MAX && RAND_priv_bytes(dek, sizeof dek) == 1 &&
              wrap(&with, dek, out_sealed) && close_body(dek, bound, plain, out_sealed);
    OPENSSL_cleanse(dek, sizeof dek);
    if (ok)
        return SEAL_OK;
    out_sealed->len = before;
    return SEAL_NO_ROOM;
}

bool seal_kek_id(struct slice sealed, uint32_t *out_kek_id)
{
    if (sealed.len < SEAL_OVERHEAD_BYTES || !slice_take_prefix(&sealed, SLICE(MAGIC)))
        return false;
    const unsigned char *at = (const unsigned char *)sealed.at;
    *out_kek_id = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return true;
}

/* SEAL_OK: the data key; wipe it. */
static enum seal_outcome open_dek(const struct wrapping *with, struct slice sealed,
                                  unsigned char dek[DEK_BYTES])
{
    uint32_t sealed_under;
    if (!seal_kek_id(sealed, &sealed_under))
        return SEAL_DAMAGED;
    if (sealed_under != with->kek_id)
        return SEAL_OTHER_KEK;
    return unwrap(with, sealed, dek) ? SEAL_OK : SEAL_REFUSED;
}

static enum seal_outcome open_body(const unsigned char dek[DEK_BYTES], struct slice bound,
                                   struct slice body, struct text *out)
{
    struct slice sealed = slice_after(body, NONCE_BYTES);
    struct gcm gcm = {dek, (const unsigned char *)body.at, SLICE(MAGIC), bound};
    size_t before = out->len, plain_len = sealed.len - TAG_BYTES;
    unsigned char none;
    unsigned char *room = plain_len ? take_room(out, plain_len) : &none;
    if (!room)
        return SEAL_NO_ROOM;
    if (gcm_open(&gcm, sealed, room))
        return SEAL_OK;
    out->len = before;
    return SEAL_REFUSED;
}

enum seal_outcome seal_open(const unsigned char kek[SEAL_KEK_BYTES], uint32_t kek_id,
                            struct slice bound, struct slice sealed, struct text *out_plain)
{
    unsigned char dek[DEK_BYTES];
    struct wrapping with = {kek, kek_id, bound};
    enum seal_outcome outcome = open_dek(&with, sealed, dek);
    if (outcome == SEAL_OK)
        outcome = open_body(dek, bound, slice_after(sealed, HEAD_BYTES + WRAPPED_BYTES), out_plain);
    OPENSSL_cleanse(dek, sizeof dek);
    return outcome;
}

enum seal_outcome seal_rewrap(const unsigned char old_kek[SEAL_KEK_BYTES], uint32_t old_kek_id,
                              const unsigned char new_kek[SEAL_KEK_BYTES], uint32_t new_kek_id,
                              struct slice bound, struct slice sealed, struct text *out_sealed)
{
    unsigned char dek[DEK_BYTES];
    size_t before = out_sealed->len;
    struct wrapping from = {old_kek, old_kek_id, bound}, to = {new_kek, new_kek_id, bound};
    enum seal_outcome outcome = open_dek(&from, sealed, dek);
    struct slice body = slice_after(sealed, HEAD_BYTES + WRAPPED_BYTES);
    if (outcome == SEAL_OK && (!wrap(&to, dek, out_sealed) || !text_append(out_sealed, body))) {
        out_sealed->len = before;
        outcome = SEAL_NO_ROOM;
    }
    OPENSSL_cleanse(dek, sizeof dek);
    return outcome;
}

void seal_wipe(struct text *text)
{
    if (text && text->at)
        OPENSSL_cleanse(text->at, text->capacity);
    text_deinit(text);
}
