/* SPDX-License-Identifier: Apache-2.0 */
/* test_client - the TLS of the client that a test plays: versions, kinds of keys, whom it trusts.
 */
#ifndef PROGRAMS_POSTERN_TEST_CLIENT_H
#define PROGRAMS_POSTERN_TEST_CLIENT_H

#include "model/client_kind.h"
#include "programs/postern/place.h"
#include "tls/context.h"
#include "tls/verify.h"

struct test_client {
    struct tls_trust *trust;
    struct tls_context *context;
};

/* A `kind` of client, or a careful one that knows the server's own root, too (NULL). `ca` is a file
 * of further roots, or NULL. False: TLS cannot be started. */
bool test_client_init(struct test_client *client, const struct client_kind *kind,
                      const struct place *place, const char *ca);
void test_client_deinit(struct test_client *client);

#endif
