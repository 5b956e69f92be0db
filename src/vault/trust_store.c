/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/trust_store.h"

#include "os/root_files.h"

#include <errno.h>

static bool take_system(void *context, struct slice pem)
{
    struct trust_store *store = context;
    store->system_count += tls_trust_add_pem(store->system, pem);
    return store->system_count != 0;
}

static bool take_house(void *context, struct slice pem)
{
    struct trust_store *store = context;
    store->house_count += tls_trust_add_pem(store->house, pem);
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
