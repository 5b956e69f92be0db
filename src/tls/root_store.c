/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/root_store.h"

#include "os/root_files.h"

enum { ROOTS_MAX_BYTES = 8 << 20 };

static bool keep(void *context, struct slice pem)
{
    struct root_store *store = context;
    return pem.len && text_append(&store->pem, pem) && text_append_byte(&store->pem, '\n');
}

void root_store_open(struct root_store *store, const char *house)
{
    *store = (struct root_store){.pem = text_with_ceiling(ROOTS_MAX_BYTES)};
    root_files_of_system(keep, store);
    if (house)
        (void)!root_files_of_path(house, keep, store);
}

const struct tls_trust *root_store_roots(struct root_store *store)
{
    if (store->roots)
        return store->roots;
    store->roots = tls_trust_new();
    if (!store->roots)
        return NULL;
    tls_trust_add_pem(store->roots, text_slice(&store->pem));
    text_deinit(&store->pem);
    return store->roots;
}

void root_store_close(struct root_store *store)
{
    text_deinit(&store->pem);
    tls_trust_free(store->roots);
}
