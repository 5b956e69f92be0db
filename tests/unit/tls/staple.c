/* SPDX-License-Identifier: Apache-2.0 */
/* The OCSP response in a handshake: for whom, until when, and of which certificate. */
#include "os/clock.h"
#include "tls/engine_state.h"
#include "unit/tls/service.h"

#include <openssl/tls1.h>

enum { FIRST, SECOND };
static const struct slice staples[] = {SLICE_INIT("staple of the first"),
                                       SLICE_INIT("staple of the second")};
enum { AN_HOUR_MS = 3600 * 1000 };

static struct tls_context *stapled(size_t identity, uint16_t version, int64_t left_ms)
{
    struct tls_context_settings settings = {.min_version = version,
                                            .max_version = version,
                                            .staple = staples[identity],
                                            .staple_until_ms = clock_wall_ms() + left_ms};
    return server_context(identity == FIRST ? &first : &second, identity, settings);
}

static struct tls_context *choose_second(void *chooser, const struct tls_hello *hello)
{
    (void)hello;
    return chooser;
}

/* What the client was shown, as a slice of its engine. */
static struct slice shown(const struct pair *pair)
{
    const unsigned char *bytes = NULL;
    long len = SSL_get_tlsext_status_ocsp_resp(pair->client->ssl, &bytes);
    return slice_bytes(bytes, len > 0 ? (size_t)len : 0);
}

static void expect_staple(const char *row, struct tls_context *server, struct tls_context *other,
                          bool asked, struct slice expected)
{
    struct tls_context *client = any_client();
    struct pair pair = pair_of(client, server);
    tls_context_unref(server);
    if (other)
        tls_engine_set_chooser(pair.server, choose_second, other);
    if (asked)
        assert_int_equal(SSL_set_tlsext_status_type(pair.client->ssl, TLSEXT_STATUSTYPE_ocsp), 1);
    row_expect(row, "handshake", pair_meet(&pair).server, TLS_OK);
    row_expect_slice(row, shown(&pair), expected);
    pair_free(&pair);
    tls_context_unref(client);
    tls_context_unref(other);
}

static void staples_are_shown_to_who_asks(void **state)
{
    (void)state;
    const uint16_t versions[] = {TLS_1_2, TLS_1_3};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        uint16_t version = versions[i];
        expect_staple("asked", stapled(FIRST, version, AN_HOUR_MS), NULL, true, staples[FIRST]);
        expect_staple("not asked", stapled(FIRST, version, AN_HOUR_MS), NULL, false, SLICE(""));
        expect_staple("over", stapled(FIRST, version, -1), NULL, true, SLICE(""));
        expect_staple("none", context_of(FIRST, 'x', version, false), NULL, true, SLICE(""));
        expect_staple("of the certificate that is chosen by the hello",
                      stapled(FIRST, version, AN_HOUR_MS), stapled(SECOND, version, AN_HOUR_MS),
                      true, staples[SECOND]);
        expect_staple("the chosen one has none", stapled(FIRST, version, AN_HOUR_MS),
                      context_of(SECOND, 'y', version, false), true, SLICE(""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staples_are_shown_to_who_asks),
    };
    return cmocka_run_group_tests(tests, service_set_up, service_tear_down);
}
