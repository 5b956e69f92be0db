/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/trust.h"

#include "os/root_files.h"

enum { ROOTS_MAX_BYTES = 8 << 20 };

static bool keep(void *context, struct slice pem)
{
    struct trust *trust = context;
    return pem.len && text_append(&trust->pem, pem) && text_append_byte(&trust->pem, '\n');
}

void trust_open(struct trust *trust, const char *house)
{
    *trust = (struct trust){.pem = text_with_ceiling(ROOTS_MAX_BYTES)};
    root_files_of_system(keep, trust);
    if (house)
        (void)!root_files_of_path(house, keep, trust);
}

const struct tls_trust *trust_roots(struct trust *trust)
{
    if (trust->roots)
        return trust->roots;
    trust->roots = tls_trust_new();
    if (!trust->roots)
        return NULL;
    tls_trust_add_pem(trust->roots, text_slice(&trust->pem));
    text_deinit(&trust->pem);
    return trust->roots;
}

void trust_close(struct trust *trust)
{
    text_deinit(&trust->pem);
    tls_trust_free(trust->roots);
}
