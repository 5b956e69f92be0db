/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/trust_store.h"

#include "os/root_files.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

/* The sum of the SHA-256 of each file with whose it is: a folder has no order. Without memory it is
 * like no other. */
static void note_file(struct trust_store *store, char whose, struct slice pem)
{
    unsigned char digest[TRUST_FINGERPRINT_BYTES] = {0};
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(context, &whose, 1) == 1 &&
        EVP_DigestUpdate(context, pem.at, pem.len) == 1)
        EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    for (size_t i = 0; i < sizeof digest; i++)
        store->fingerprint[i] = (unsigned char)(store->fingerprint[i] + digest[i]);
}

static bool take_system(void *context, struct slice pem)
{
    struct trust_store *store = context;
    size_t added = tls_trust_add_pem(store->system, pem);
    store->system_count += added;
    if (added)
        note_file(store, 's', pem);
    return store->system_count != 0;
}

static bool take_house(void *context, struct slice pem)
{
    struct trust_store *store = context;
    size_t added = tls_trust_add_pem(store->house, pem);
    store->house_count += added;
    if (added)
        note_file(store, 'h', pem);
    return store->house_count != 0;
}

int trust_store_open(const char *house, struct trust_store *out)
{
    *out = (struct trust_store){.system = tls_trust_new(), .house = tls_trust_new()};
    if (!out->system || !out->house) {
        trust_store_close(out);
        return -ENOMEM;
    }
    root_files_of_system(take_system, out);
    if (!house)
        return 0;
    int result = root_files_of_path(house, take_house, out);
    return result == 0 && out->house_count == 0 ? -ENODATA : result;
}

void trust_store_close(struct trust_store *store)
{
    tls_trust_free(store->system);
    tls_trust_free(store->house);
    *store = (struct trust_store){0};
}
