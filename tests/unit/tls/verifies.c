/* SPDX-License-Identifier: Apache-2.0 */
/* What a client is told to verify is what a server hears of it, in every version of TLS. */
#include "unit/tls/service.h"

#define RSA TLS_VERIFIES_RSA
#define PSS TLS_VERIFIES_RSA_PSS
#define ECDSA TLS_VERIFIES_ECDSA
#define ED25519 TLS_VERIFIES_ED25519

static struct tls_context *hear(void *chooser, const struct tls_hello *hello)
{
    *(unsigned *)chooser = hello->verifies;
    return NULL;
}

static unsigned heard_of(unsigned verifies, uint16_t version)
{
    unsigned heard = 0;
    struct tls_context *server = context_of(2, 'x', version, false);
    struct tls_context *client = client_context((struct tls_client_settings){
        .min_version = version, .max_version = version, .verifies = verifies});
    struct pair pair = pair_of(client, server);
    tls_engine_set_chooser(pair.server, hear, &heard);
    bool met = pair_meet(&pair).server == TLS_OK;
    row_expect("a server with an RSA key", "handshake", met, (verifies & RSA) != 0);
    pair_free(&pair);
    tls_context_unref(server);
    tls_context_unref(client);
    return heard;
}

static void a_client_says_what_it_verifies(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t version;
        unsigned verifies;
    } rows[] = {
        {"1.0: RSA", TLS_1_0, RSA},
        {"1.0: ECDSA", TLS_1_0, ECDSA},
        {"1.0: both", TLS_1_0, RSA | ECDSA},
        {"1.2: RSA", TLS_1_2, RSA},
        {"1.2: ECDSA", TLS_1_2, ECDSA},
        {"1.2: both", TLS_1_2, RSA | ECDSA},
        {"1.2: and PSS", TLS_1_2, RSA | PSS | ECDSA},
        {"1.2: all", TLS_1_2, RSA | PSS | ECDSA | ED25519},
        {"1.3: RSA", TLS_1_3, RSA},
        {"1.3: ECDSA", TLS_1_3, ECDSA},
        {"1.3: Ed25519", TLS_1_3, ED25519},
        {"1.3: both", TLS_1_3, RSA | ECDSA},
        {"1.3: all", TLS_1_3, RSA | PSS | ECDSA | ED25519},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].name, "heard", heard_of(rows[i].verifies, rows[i].version),
                   rows[i].verifies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_says_what_it_verifies),
    };
    return cmocka_run_group_tests_name("tls/verifies", tests, service_set_up, service_tear_down);
}
