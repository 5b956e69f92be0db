/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets at rest: round trips, and every way in which a sealed value may have been changed. */
#include "tls/seal.h"

#include "support/rows.h"
#include "tls/library.h"

#include <string.h>

static const unsigned char kek[SEAL_KEK_BYTES] = {1, 2, 3};
static const unsigned char other_kek[SEAL_KEK_BYTES] = {4, 5, 6};

static struct slice bound_to(struct text *text, const char *object_id, const char *label)
{
    text_clear(text);
    assert_true(seal_bind(text, slice_of(object_id), slice_of(label)));
    return text_slice(text);
}

static enum seal_outcome open(const unsigned char *key, uint32_t id, struct slice bound,
                              struct slice sealed, struct slice expected)
{
    struct text plain = text_with_ceiling(SEAL_PLAIN_MAX);
    enum seal_outcome outcome = seal_open(key, id, bound, sealed, &plain);
    row_expect_slice("plain", text_slice(&plain), outcome == SEAL_OK ? expected : SLICE(""));
    seal_wipe(&plain);
    return outcome;
}

static void what_is_closed_opens_again(void **state)
{
    (void)state;
    static char bytes[100000];
    static const size_t lengths[] = {0, 1, 15, 16, 17, 1000, sizeof bytes};
    char storage[64];
    struct text bound = text_over(storage, sizeof storage);
    bound_to(&bound, "object", "key");
    memset(bytes, 'k', sizeof bytes);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        CLEANUP(text_deinit) struct text sealed = text_with_ceiling(200000);
        struct slice plain = slice_bytes(bytes, lengths[i]);
        assert_int_equal(seal_close(kek, 7, text_slice(&bound), plain, &sealed), SEAL_OK);
        assert_int_equal(sealed.len, lengths[i] + SEAL_OVERHEAD_BYTES);
        assert_int_equal(open(kek, 7, text_slice(&bound), text_slice(&sealed), plain), SEAL_OK);
        assert_false(lengths[i] > 16 && slice_contains(text_slice(&sealed), plain));
    }
}

static void the_same_secret_is_never_sealed_alike(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text a = text_with_ceiling(1000), b = text_with_ceiling(1000);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &a), SEAL_OK);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &b), SEAL_OK);
    size_t same = 0;
    for (size_t i = 8; i < a.len; i++)
        same += a.at[i] == b.at[i];
    assert_true(same < a.len / 4);
}

static void every_changed_byte_is_found_out(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1000);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &sealed), SEAL_OK);
    for (size_t i = 0; i < sealed.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            sealed.at[i] = (char)((unsigned char)sealed.at[i] ^ 1u << bit);
            enum seal_outcome expected = i < 4   ? SEAL_DAMAGED
                                         : i < 8 ? SEAL_OTHER_KEK
                                                 : SEAL_REFUSED;
            assert_int_equal(open(kek, 7, SLICE("x"), text_slice(&sealed), SLICE("")), expected);
            sealed.at[i] = (char)((unsigned char)sealed.at[i] ^ 1u << bit);
        }
    for (size_t len = 0; len < sealed.len; len++)
        assert_int_equal(open(kek, 7, SLICE("x"), slice_first(text_slice(&sealed), len), SLICE("")),
                         len < SEAL_OVERHEAD_BYTES ? SEAL_DAMAGED : SEAL_REFUSED);
    assert_int_equal(open(kek, 7, SLICE("x"), text_slice(&sealed), SLICE("secret")), SEAL_OK);
}

static void the_head_is_authenticated(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1000);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &sealed), SEAL_OK);
    sealed.at[7] = 8; /* claims another id; the same key is tried */
    assert_int_equal(open(kek, 8, SLICE("x"), text_slice(&sealed), SLICE("")), SEAL_REFUSED);
}

static void a_secret_belongs_to_its_object(void **state)
{
    (void)state;
    static const struct {
        const char *object_id, *label;
        const unsigned char *key;
        uint32_t id;
        enum seal_outcome outcome;
    } rows[] = {
        {"object", "key", kek, 7, SEAL_OK},
        {"object", "kez", kek, 7, SEAL_REFUSED},
        {"objec", "tkey", kek, 7, SEAL_REFUSED},
        {"", "objectkey", kek, 7, SEAL_REFUSED},
        {"object", "key", other_kek, 7, SEAL_REFUSED},
        {"object", "key", kek, 8, SEAL_OTHER_KEK},
    };
    char storage[64];
    struct text bound = text_over(storage, sizeof storage);
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1000);
    struct slice plain = SLICE("secret");
    assert_int_equal(seal_close(kek, 7, bound_to(&bound, "object", "key"), plain, &sealed),
                     SEAL_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].label, "outcome",
                   (long long)open(rows[i].key, rows[i].id,
                                   bound_to(&bound, rows[i].object_id, rows[i].label),
                                   text_slice(&sealed), plain),
                   (long long)rows[i].outcome);
}

static void the_kek_changes_and_the_ciphertext_stays(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1000);
    CLEANUP(text_deinit) struct text again = text_with_ceiling(1000);
    struct slice plain = SLICE("secret");
    uint32_t id;
    assert_int_equal(seal_close(kek, 7, SLICE("x"), plain, &sealed), SEAL_OK);
    assert_int_equal(seal_rewrap(kek, 7, other_kek, 8, SLICE("x"), text_slice(&sealed), &again),
                     SEAL_OK);
    assert_int_equal(open(other_kek, 8, SLICE("x"), text_slice(&again), plain), SEAL_OK);
    assert_int_equal(open(kek, 7, SLICE("x"), text_slice(&again), plain), SEAL_OTHER_KEK);
    assert_true(seal_kek_id(text_slice(&again), &id) && id == 8);
    row_expect_slice("body", slice_after(text_slice(&again), 68),
                     slice_after(text_slice(&sealed), 68));
    text_clear(&again);
    assert_int_equal(seal_rewrap(other_kek, 7, kek, 8, SLICE("x"), text_slice(&sealed), &again),
                     SEAL_REFUSED);
    assert_int_equal(seal_rewrap(kek, 7, other_kek, 8, SLICE("y"), text_slice(&sealed), &again),
                     SEAL_REFUSED);
    assert_int_equal(again.len, 0);
}

static void without_room_nothing_is_left_behind(void **state)
{
    (void)state;
    char storage[SEAL_OVERHEAD_BYTES + 5];
    CLEANUP(text_deinit) struct text sealed = text_with_ceiling(1000);
    struct text narrow = text_over(storage, sizeof storage);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &narrow), SEAL_NO_ROOM);
    assert_int_equal(narrow.len, 0);
    assert_int_equal(seal_close(kek, 7, SLICE("x"), SLICE("secret"), &sealed), SEAL_OK);
    narrow = text_over(storage, 5);
    assert_int_equal(seal_open(kek, 7, SLICE("x"), text_slice(&sealed), &narrow), SEAL_NO_ROOM);
    assert_int_equal(narrow.len, 0);
    struct text appended = text_with_ceiling(1000); /* and what was there before stays */
    assert_true(text_append_c(&appended, "before "));
    assert_int_equal(seal_open(kek, 7, SLICE("x"), text_slice(&sealed), &appended), SEAL_OK);
    row_expect_slice("appended", text_slice(&appended), SLICE("before secret"));
    seal_wipe(&appended);
    assert_null(appended.at);
}

static int set_up(void **state)
{
    (void)state;
    return tls_library_start();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_closed_opens_again),
        cmocka_unit_test(the_same_secret_is_never_sealed_alike),
        cmocka_unit_test(every_changed_byte_is_found_out),
        cmocka_unit_test(the_head_is_authenticated),
        cmocka_unit_test(a_secret_belongs_to_its_object),
        cmocka_unit_test(the_kek_changes_and_the_ciphertext_stays),
        cmocka_unit_test(without_room_nothing_is_left_behind),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
