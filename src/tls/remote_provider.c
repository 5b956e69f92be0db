/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/remote_provider.h"

#include <errno.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

static remote_key_sign_fn *signer;
static void *signer_context;

void remote_key_set_signer(remote_key_sign_fn *sign, void *context)
{
    signer = sign;
    signer_context = context;
}

bool remote_key_sign(const struct remote_key *key, uint32_t scheme, struct slice to_be_signed,
                     unsigned char *out, size_t capacity, size_t *out_len)
{
    return signer &&
           signer(signer_context, key->handle, scheme, to_be_signed, out, capacity, out_len);
}

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_store)
{
    (void)provider;
    *no_store = 0;
    return operation == OSSL_OP_KEYMGMT     ? remote_keymgmt
           : operation == OSSL_OP_SIGNATURE ? remote_signature
                                            : NULL;
}

static void teardown(void *provider)
{
    (void)provider;
}

/* OpenSSL keeps every function of a provider behind one pointer type; this is the only cast. */
static const OSSL_DISPATCH provider_functions[] = {
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {0, NULL},
};

static int initialise(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                      const OSSL_DISPATCH **out, void **provider)
{
    (void)handle;
    (void)in;
    static int any; /* a provider needs an address of its own, and has no state */
    *provider = &any;
    *out = provider_functions;
    return 1;
}

int remote_key_provider_start(void)
{
    static OSSL_PROVIDER *loaded;
    if (loaded)
        return 0;
    if (OSSL_PROVIDER_add_builtin(NULL, REMOTE_PROVIDER, initialise) != 1)
        return -EIO;
    loaded = OSSL_PROVIDER_load(NULL, REMOTE_PROVIDER);
    return loaded ? 0 : -EIO;
}
