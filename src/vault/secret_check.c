/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/secret_check.h"

#include "tls/signer.h"
#include "vault/private_key.h"
#include "vault/verifier.h"
#include "wire/messages.h"

#include <openssl/evp.h>

enum { SPKI_MAX_BYTES = 8192 };

bool secret_opens_verifier(const struct kek *kek, struct slice id, struct slice sealed)
{
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    bool opens = kek_unseal(kek, id, SLICE("account"), sealed, &record) == SEAL_OK;
    seal_wipe(&record);
    return opens;
}

static bool digest_public_part(struct slice pkcs8, char out_digest[SECRET_DIGEST_BYTES])
{
    struct text spki = text_with_ceiling(SPKI_MAX_BYTES);
    EVP_PKEY *key = NULL;
    bool good =
        signer_key_new(pkcs8, &key) == 0 && signer_key_spki(key, &spki) &&
        EVP_Digest(spki.at, spki.len, (unsigned char *)out_digest, NULL, EVP_sha256(), NULL) == 1;
    signer_key_free(key);
    text_deinit(&spki);
    return good;
}

bool secret_opens_key(const struct kek *kek, struct slice id, struct slice sealed,
                      bool *out_exportable, char out_digest[SECRET_DIGEST_BYTES])
{
    struct text pkcs8 = text_with_ceiling(WIRE_SECRET_MAX);
    bool opens = private_key_unseal(kek, id, sealed, &pkcs8, out_exportable) == SEAL_OK &&
                 digest_public_part(text_slice(&pkcs8), out_digest);
    seal_wipe(&pkcs8);
    return opens;
}
