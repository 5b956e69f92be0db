/* SPDX-License-Identifier: Apache-2.0 */
/* signing_role: keys come from the hub sealed, the edge gets signatures of the right shape, nothing
 * else. */
#include "vault/signing_role.h"
#include "tls/remote_key.h"
#include "unit/vault/stage.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/socket.h>

enum { HANDLE = 7 };

static const struct slice id = SLICE_INIT("0123456789abcdef");

struct scene {
    struct stage stage;
    struct signing_role role;
    struct wire_end hub;
    int edge_fd;
    EVP_PKEY *key;
    struct text sealed;
};

static void attach_edge(struct scene *scene)
{
    int ends[2];
    assert_int_equal(socket_pair(true, ends), 0);
    signing_role_attach(&scene->role, ROLE_EDGE, 0, ends[1]);
    scene->edge_fd = ends[0];
}

static int set_up(void **state)
{
    static struct scene scene;
    stage_open(&scene.stage);
    signing_role_begin(&scene.role, scene.stage.loop, scene.stage.kek);
    int other;
    wire_end_open(&scene.hub, &scene.stage, ROLE_SIGNER, &other);
    signing_role_attach(&scene.role, ROLE_HUB, 0, other);
    attach_edge(&scene);
    scene.key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *pkcs8 = EVP_PKEY2PKCS8(scene.key);
    int len = i2d_PKCS8_PRIV_KEY_INFO(pkcs8, &der);
    assert_true(len > 0);
    scene.sealed = text_with_ceiling(WIRE_SECRET_MAX);
    assert_int_equal(kek_seal(scene.stage.kek, id, SLICE("certificate"),
                              slice_bytes(der, (size_t)len), &scene.sealed),
                     SEAL_OK);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(pkcs8);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    signing_role_end(&scene->role);
    wire_end_close(&scene->hub);
    close_fd(&scene->edge_fd);
    EVP_PKEY_free(scene->key);
    text_deinit(&scene->sealed);
    stage_close(&scene->stage);
    return 0;
}

static bool load(struct scene *scene, uint64_t handle, struct slice of, struct slice sealed)
{
    struct wire_key_load message = {.handle = handle, .id = of, .sealed_key = sealed};
    assert_true(channel_send(&scene->hub.channel, WIRE_KEY_LOAD, &message, -1));
    const struct wire_key_state *answer = &stage_expect(&scene->hub, WIRE_KEY_STATE)->key_state;
    assert_int_equal(answer->handle, handle);
    return answer->usable != 0;
}

/* What a TLS 1.3 server signs. */
static struct slice handshake_bytes(char storage[130])
{
    static const char words[] = "TLS 1.3, server CertificateVerify";
    memset(storage, ' ', 64);
    memcpy(storage + 64, words, sizeof words);
    memset(storage + 64 + sizeof words, 'h', 32);
    return (struct slice){storage, 64 + sizeof words + 32};
}

static size_t pack(char *question, uint64_t number, uint64_t handle, uint32_t scheme,
                   struct slice to_be_signed)
{
    memcpy(question, &number, 8);
    memcpy(question + 8, &handle, 8);
    memcpy(question + 16, &scheme, 4);
    memcpy(question + 20, to_be_signed.at, to_be_signed.len);
    return 20 + to_be_signed.len;
}

/* Asks, lets the role work, and gives the signature; empty: refused. */
static struct slice ask(struct scene *scene, uint64_t number, uint64_t handle, uint32_t scheme,
                        struct slice to_be_signed, char answer[4096])
{
    char question[4096];
    size_t len = pack(question, number, handle, scheme, to_be_signed);
    assert_int_equal(send(scene->edge_fd, question, len, 0), (ssize_t)len);
    stage_run(&scene->stage, 20);
    ssize_t got = recv(scene->edge_fd, answer, 4096, MSG_DONTWAIT);
    assert_true(got >= 8);
    assert_memory_equal(answer, &number, 8);
    return (struct slice){answer + 8, (size_t)got - 8};
}

static bool verifies(EVP_PKEY *key, struct slice signature, struct slice signed_bytes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                                 (const unsigned char *)signed_bytes.at, signed_bytes.len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static void a_handshake_is_signed_with_the_key_of_its_handle(void **state)
{
    struct scene *scene = *state;
    char bytes[130], answer[4096];
    struct slice to_be_signed = handshake_bytes(bytes);
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed)));
    assert_null(scene->role.keys.rows[0].key); /* sealed until it is needed */
    for (uint64_t number = 1; number < 4; number++) {
        struct slice signature =
            ask(scene, number, HANDLE, SIGNATURE_ECDSA_SHA256, to_be_signed, answer);
        assert_true(verifies(scene->key, signature, to_be_signed));
        assert_non_null(scene->role.keys.rows[0].key); /* open from now on */
    }
}

static void everything_else_is_refused(void **state)
{
    struct scene *scene = *state;
    char bytes[130], altered[130], answer[4096], large[2000];
    struct slice good = handshake_bytes(bytes);
    handshake_bytes(altered);
    altered[3] = 'x';
    memset(large, ' ', sizeof large);
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed)));
    const struct {
        const char *row;
        uint64_t handle;
        uint32_t scheme;
        struct slice to_be_signed;
    } rows[] = {
        {"another handle", HANDLE + 1, SIGNATURE_ECDSA_SHA256, good},
        {"a scheme of another key", HANDLE, SIGNATURE_RSA_PSS_SHA256, good},
        {"no scheme", HANDLE, 0, good},
        {"a scheme beyond 16 bits", HANDLE, 0x10000 | SIGNATURE_ECDSA_SHA256, good},
        {"another prefix", HANDLE, SIGNATURE_ECDSA_SHA256, {altered, good.len}},
        {"cut short", HANDLE, SIGNATURE_ECDSA_SHA256, slice_first(good, good.len - 1)},
        {"nothing", HANDLE, SIGNATURE_ECDSA_SHA256, {"", 0}},
        {"a mail header", HANDLE, SIGNATURE_ECDSA_SHA256, SLICE("from:a@example.com\r\n")},
        {"longer than any shape", HANDLE, SIGNATURE_ECDSA_SHA256, {large, sizeof large}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(
            rows[i].row, "length",
            (long long)ask(scene, i, rows[i].handle, rows[i].scheme, rows[i].to_be_signed, answer)
                .len,
            0);
    assert_true(ask(scene, 99, HANDLE, SIGNATURE_ECDSA_SHA256, good, answer).len > 0);
}

static void a_courier_is_given_what_a_client_signs(void **state)
{
    struct scene *scene = *state;
    char bytes[130], answer[4096];
    int ends[2];
    struct slice server = handshake_bytes(bytes);
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed)));
    assert_int_equal(socket_pair(true, ends), 0);
    signing_role_attach(&scene->role, ROLE_COURIER, 3, ends[1]);
    int edge_fd = scene->edge_fd;
    scene->edge_fd = ends[0];
    assert_int_equal(ask(scene, 1, HANDLE, SIGNATURE_ECDSA_SHA256, server, answer).len, 0);
    memcpy(bytes + 64 + 9, "client", 6);
    struct slice signature = ask(scene, 2, HANDLE, SIGNATURE_ECDSA_SHA256, server, answer);
    assert_true(verifies(scene->key, signature, server));
    close_fd(&scene->edge_fd);
    scene->edge_fd = edge_fd;
    assert_int_equal(ask(scene, 3, HANDLE, SIGNATURE_ECDSA_SHA256, server, answer).len, 0);
}

static void a_dropped_key_signs_no_more(void **state)
{
    struct scene *scene = *state;
    char bytes[130], answer[4096];
    struct slice good = handshake_bytes(bytes);
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed)));
    assert_true(load(scene, 3, id, text_slice(&scene->sealed)));
    assert_true(load(scene, 9, id, text_slice(&scene->sealed)));
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed))); /* again: replaced */
    struct wire_key_drop drop = {.handle = HANDLE};
    channel_send(&scene->hub.channel, WIRE_KEY_DROP, &drop, -1);
    channel_send(&scene->hub.channel, WIRE_KEY_DROP, &drop, -1);
    stage_run(&scene->stage, 20);
    assert_int_equal(ask(scene, 1, HANDLE, SIGNATURE_ECDSA_SHA256, good, answer).len, 0);
    assert_true(ask(scene, 2, 3, SIGNATURE_ECDSA_SHA256, good, answer).len > 0);
    assert_true(ask(scene, 3, 9, SIGNATURE_ECDSA_SHA256, good, answer).len > 0);
}

static void a_key_that_does_not_open_is_not_usable(void **state)
{
    struct scene *scene = *state;
    assert_false(load(scene, 1, SLICE("fedcba9876543210"), text_slice(&scene->sealed)));
    assert_false(load(scene, 2, id, SLICE("not sealed")));
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX);
    assert_int_equal(kek_seal(scene->stage.kek, id, SLICE("certificate"), SLICE("no key"), &sealed),
                     SEAL_OK);
    assert_false(load(scene, 3, id, text_slice(&sealed)));
    text_deinit(&sealed);
    assert_int_equal(scene->role.keys.count, 0);
    assert_int_equal(scene->hub.events, 3);
}

static void keys_outlive_the_hub_and_a_broken_edge_is_let_go(void **state)
{
    struct scene *scene = *state;
    char bytes[130], answer[4096];
    struct slice good = handshake_bytes(bytes);
    assert_true(load(scene, HANDLE, id, text_slice(&scene->sealed)));
    channel_close(&scene->hub.channel);
    assert_int_equal(send(scene->edge_fd, "short", 5, 0), 5);
    stage_run(&scene->stage, 20);
    assert_int_equal(scene->role.edge.fd, -1);
    assert_int_equal(recv(scene->edge_fd, answer, sizeof answer, 0), 0);
    close_fd(&scene->edge_fd);
    attach_edge(scene);
    assert_true(ask(scene, 1, HANDLE, SIGNATURE_ECDSA_SHA256, good, answer).len > 0);
}

static void a_datagram_with_a_descriptor_ends_the_edge(void **state)
{
    struct scene *scene = *state;
    char question[64] = {0};
    int fd = 0;
    assert_true(socket_send_with_fds(scene->edge_fd, (struct slice){question, sizeof question}, &fd,
                                     1) > 0);
    stage_run(&scene->stage, 20);
    assert_int_equal(scene->role.edge.fd, -1);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_handshake_is_signed_with_the_key_of_its_handle),
        SCENE(everything_else_is_refused),
        SCENE(a_courier_is_given_what_a_client_signs),
        SCENE(a_dropped_key_signs_no_more),
        SCENE(a_key_that_does_not_open_is_not_usable),
        SCENE(keys_outlive_the_hub_and_a_broken_edge_is_let_go),
        SCENE(a_datagram_with_a_descriptor_ends_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
