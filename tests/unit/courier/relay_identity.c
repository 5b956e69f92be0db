/* SPDX-License-Identifier: Apache-2.0 */
/* What TLS needs of our own certificate is made once, and the one unused longest gives way. */
#include "courier/relay_identity.h"
#include "support/rows.h"
#include "tls/library.h"
#include "tls/make.h"

static struct slice certificate_of(struct arena *arena, const char *name)
{
    struct slice names[] = {slice_of(name)};
    struct make_settings settings = {.key = MAKE_KEY_P256,
                                     .common_name = names[0],
                                     .names = names,
                                     .name_count = 1,
                                     .days = 30,
                                     .now_ms = 1767225600000};
    struct made made;
    assert_int_equal(make_self_signed(&settings, arena, &made), 0);
    return made.certificate;
}

static struct tls_context *get(struct relay_identities *identities, struct slice certificate,
                               uint64_t handle)
{
    struct tls_context *context = relay_identities_get(identities, certificate, handle);
    tls_context_unref(context); /* it is kept */
    return context;
}

static void each_is_made_once(void **state)
{
    (void)state;
    struct relay_identities identities = {0};
    struct arena arena = arena_with_ceiling(1 << 20);
    struct slice first = certificate_of(&arena, "a.example");
    struct tls_context *made = get(&identities, first, 1);
    assert_non_null(made);
    assert_ptr_equal(get(&identities, first, 1), made);
    assert_ptr_not_equal(get(&identities, first, 2), made); /* its key is another one */
    assert_ptr_equal(get(&identities, first, 1), made);
    relay_identities_end(&identities);
    arena_deinit(&arena);
}

static void the_one_unused_longest_gives_way(void **state)
{
    (void)state;
    struct relay_identities identities = {0};
    struct arena arena = arena_with_ceiling(1 << 20);
    struct slice certificate = certificate_of(&arena, "a.example");
    struct tls_context *first = relay_identities_get(&identities, certificate, 0);
    struct tls_context *second = relay_identities_get(&identities, certificate, 1);
    for (uint64_t handle = 2; handle < RELAY_IDENTITIES_MAX; handle++)
        assert_non_null(get(&identities, certificate, handle));
    assert_ptr_equal(get(&identities, certificate, 0), first); /* used again */
    assert_non_null(get(&identities, certificate, 99));
    assert_ptr_equal(get(&identities, certificate, 0), first);
    assert_ptr_not_equal(get(&identities, certificate, 1), second);
    tls_context_unref(first);
    tls_context_unref(second);
    relay_identities_end(&identities);
    arena_deinit(&arena);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    struct relay_identities identities = {0};
    struct arena arena = arena_with_ceiling(1 << 20);
    struct slice certificate = certificate_of(&arena, "a.example");
    const struct slice bad[] = {SLICE("x"), slice_first(certificate, certificate.len - 1),
                                SLICE("\x30\x03\x02\x01\x05")};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_null(relay_identities_get(&identities, bad[i], 1));
    struct text text = text_with_ceiling(1 << 16);
    assert_true(text_append(&text, certificate) && text_append_c(&text, "behind"));
    assert_null(relay_identities_get(&identities, text_slice(&text), 1));
    text_deinit(&text);
    relay_identities_end(&identities);
    arena_deinit(&arena);
}

static int set_up(void **state)
{
    (void)state;
    return tls_library_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_made_once),
        cmocka_unit_test(the_one_unused_longest_gives_way),
        cmocka_unit_test(what_is_no_certificate_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
