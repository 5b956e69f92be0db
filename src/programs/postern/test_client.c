/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/test_client.h"

#include "model/key_kinds.h"
#include "os/descriptor.h"
#include "tls/library.h"

#include <fcntl.h>
#include <stdio.h>

enum { TRUST_FILE_MAX = 8 << 20 };

static const char system_roots[] = "/etc/ssl/certs/ca-certificates.crt";

static void trust_file(struct tls_trust *trust, const char *path)
{
    struct text pem = text_with_ceiling(TRUST_FILE_MAX);
    if (file_read(AT_FDCWD, path, &pem) == 0)
        (void)tls_trust_add_pem(trust, text_slice(&pem));
    text_deinit(&pem);
}

static uint16_t version_of(enum tls_minimum version)
{
    static const uint16_t versions[] = {[TLS_MINIMUM_10] = TLS_1_0,
                                        [TLS_MINIMUM_11] = TLS_1_1,
                                        [TLS_MINIMUM_12] = TLS_1_2,
                                        [TLS_MINIMUM_13] = TLS_1_3};
    return versions[version];
}

static void trust_roots(struct test_client *client, const struct client_kind *kind,
                        const struct place *place, const char *ca)
{
    char path[PLACE_PATH_MAX + 16];
    trust_file(client->trust, system_roots);
    snprintf(path, sizeof(path), "%s/ca.pem", place->data);
    if (!kind) /* clients of the world were not given it */
        trust_file(client->trust, path);
    if (ca)
        trust_file(client->trust, ca);
}

bool test_client_init(struct test_client *client, const struct client_kind *kind,
                      const struct place *place, const char *ca)
{
    *client = (struct test_client){0};
    if (tls_library_start() < 0 || !(client->trust = tls_trust_new()))
        return false;
    trust_roots(client, kind, place, ca);
    struct tls_client_settings settings = {.trust = client->trust};
    if (kind) {
        settings.min_version = version_of(kind->oldest);
        settings.max_version = version_of(kind->newest);
        settings.verifies = key_kinds_to_tls(kind->keys);
    }
    return tls_context_new_client(&settings, &client->context) == TLS_CONTEXT_OK;
}

void test_client_deinit(struct test_client *client)
{
    tls_context_unref(client->context);
    tls_trust_free(client->trust);
    *client = (struct test_client){0};
}
