/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/relay_identity.h"

#include "tls/der.h"

enum { CERTIFICATE_BYTES_MAX = 1 << 18 };

static struct tls_context *make(struct slice certificate, uint64_t key_handle)
{
    struct slice chain[TLS_CHAIN_MAX];
    struct der_element element;
    struct tls_client_settings settings = {.chain = chain, .key_handle = key_handle};
    struct tls_context *context;
    while (settings.chain_count < TLS_CHAIN_MAX && der_take(&certificate, &element))
        chain[settings.chain_count++] = element.whole;
    if (certificate.len || !settings.chain_count)
        return NULL;
    return tls_context_new_client(&settings, &context) == TLS_CONTEXT_OK ? context : NULL;
}

static void forget(struct relay_identity *identity)
{
    text_deinit(&identity->certificate);
    tls_context_unref(identity->context);
    *identity = (struct relay_identity){0};
}

static struct relay_identity *find(struct relay_identities *identities, struct slice certificate,
                                   uint64_t key_handle)
{
    for (size_t i = 0; i < RELAY_IDENTITIES_MAX; i++) {
        struct relay_identity *one = &identities->kept[i];
        if (one->context && one->key_handle == key_handle &&
            slice_equal(text_slice(&one->certificate), certificate))
            return one;
    }
    return NULL;
}

/* A free place, or that of the one unused longest. */
static struct relay_identity *place(struct relay_identities *identities)
{
    struct relay_identity *oldest = &identities->kept[0];
    for (size_t i = 1; i < RELAY_IDENTITIES_MAX; i++)
        if (identities->kept[i].used < oldest->used)
            oldest = &identities->kept[i];
    forget(oldest);
    return oldest;
}

static struct relay_identity *keep(struct relay_identities *identities, struct slice certificate,
                                   uint64_t key_handle)
{
    struct tls_context *context = make(certificate, key_handle);
    if (!context)
        return NULL;
    struct relay_identity *one = place(identities);
    one->certificate = text_with_ceiling(CERTIFICATE_BYTES_MAX);
    one->key_handle = key_handle;
    one->context = context;
    if (text_append(&one->certificate, certificate))
        return one;
    forget(one);
    return NULL;
}

struct tls_context *relay_identities_get(struct relay_identities *identities,
                                         struct slice certificate, uint64_t key_handle)
{
    struct relay_identity *one = find(identities, certificate, key_handle);
    if (!one)
        one = keep(identities, certificate, key_handle);
    if (!one)
        return NULL;
    one->used = ++identities->orders;
    return tls_context_ref(one->context);
}

void relay_identities_end(struct relay_identities *identities)
{
    for (size_t i = 0; i < RELAY_IDENTITIES_MAX; i++)
        forget(&identities->kept[i]);
}
