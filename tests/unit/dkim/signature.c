/* SPDX-License-Identifier: Apache-2.0 */
/* message, signature, key and record: what is signed, and that the public key says so. */
#include "base/base64.h"
#include "dkim/record.h"
#include "support/rows.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

static const char letter[] = "Received: by mx\r\nFrom: \"Anna, at work\" <anna@Contoso.com>\r\n"
                             "Subject: a\r\nTo: b@x\r\nto: c@x\r\n\r\nHello  \r\n\r\n";

/* --- the message --- */

static void feed(struct dkim_message *message, struct slice bytes, size_t cut)
{
    while (bytes.len) {
        struct slice piece = slice_first(bytes, cut);
        size_t taken = dkim_message_feed(message, piece);
        if (taken < piece.len)
            assert_true(dkim_message_digest(message, CANONICAL_RELAXED));
        bytes = slice_after(bytes, taken);
    }
    dkim_message_end(message);
}

static void a_header_is_read_in_any_cut(void **state)
{
    (void)state;
    unsigned char first[DKIM_DIGEST_BYTES], digest[DKIM_DIGEST_BYTES];
    assert_int_equal(EVP_Digest("Hello\r\n", 7, first, NULL, EVP_sha256(), NULL), 1);
    for (size_t cut = 1; cut <= sizeof letter; cut++) {
        char storage[256];
        struct text domain = text_over(storage, sizeof storage);
        struct dkim_message message = {0};
        feed(&message, slice_of(letter), cut);
        assert_true(message.header_done && !message.unfit);
        assert_int_equal(message.field_count, 5);
        row_expect_slice("name", message.fields[4].name, SLICE("to"));
        row_expect_slice("author", dkim_message_author_domain(&message, &domain),
                         SLICE("Contoso.com"));
        assert_true(dkim_message_digest_end(&message, digest));
        assert_memory_equal(digest, first, sizeof first);
        dkim_message_deinit(&message);
    }
}

static const struct header_row {
    const char *name, *bytes;
    bool unfit;
    const char *author;
} headers[] = {
    {"no body", "From: a@x.example\r\n", false, "x.example"},
    {"nothing", "", false, ""},
    {"no header", "\r\nFrom: a@x.example\r\n", false, ""},
    {"two authors", "From: a@x.example, b@y.example\r\n\r\n", false, "x.example"},
    {"two From fields", "From: a@x.example\r\nFrom: b@y.example\r\n\r\n", false, ""},
    {"folded", "From: Anna\r\n <a@x.example>\r\n\r\n", false, "x.example"},
    {"unclear", "From: a@x.example <b@y.example>\r\n\r\n", false, ""},
    {"a quoted at", "From: \"a@y.example\"@x.example\r\n\r\n", false, "x.example"},
    {"a line that is no field", "From: a@x.example\r\nhello\r\n\r\n", true, "x.example"},
    {"begins with a blank", " From: a@x.example\r\n\r\n", true, ""},
    {"a blank before the colon", "From : a@x.example\r\n\r\n", false, "x.example"},
};

static void the_author_is_clear_or_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        char storage[256];
        struct text domain = text_over(storage, sizeof storage);
        struct dkim_message message = {0};
        feed(&message, slice_of(headers[i].bytes), 7);
        row_expect(headers[i].name, "unfit", message.unfit, headers[i].unfit);
        row_expect_slice(headers[i].name, dkim_message_author_domain(&message, &domain),
                         slice_of(headers[i].author));
        dkim_message_deinit(&message);
    }
}

static void a_header_has_a_ceiling(void **state)
{
    (void)state;
    struct dkim_message message = {0};
    for (size_t i = 0; i <= DKIM_FIELDS_MAX; i++)
        assert_int_equal(dkim_message_feed(&message, SLICE("A: b\r\n")), 6);
    dkim_message_end(&message);
    assert_true(message.unfit);
    dkim_message_deinit(&message);
    static char long_line[65536];
    memset(long_line, 'a', sizeof long_line);
    for (size_t fed = 0; fed <= DKIM_HEADER_MAX && !message.header_done; fed += sizeof long_line)
        dkim_message_feed(&message, slice_bytes(long_line, sizeof long_line));
    assert_true(message.header_done && message.unfit);
    dkim_message_deinit(&message);
}

/* --- the signature --- */

static EVP_PKEY *public_key(enum dkim_algorithm algorithm, const struct text *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes->at;
    return algorithm == DKIM_ED25519_SHA256
               ? EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, at, bytes->len)
               : d2i_PUBKEY(NULL, &at, (long)bytes->len);
}

static bool verifies(enum dkim_algorithm algorithm, const struct text *key_bytes,
                     struct slice signature, const unsigned char digest[DKIM_DIGEST_BYTES])
{
    EVP_PKEY *key = public_key(algorithm, key_bytes);
    const unsigned char *bytes = (const unsigned char *)signature.at;
    bool good;
    if (algorithm == DKIM_ED25519_SHA256) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestVerify(context, bytes, signature.len, digest, DKIM_DIGEST_BYTES) == 1;
        EVP_MD_CTX_free(context);
    } else {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        good = EVP_PKEY_verify_init(context) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
               EVP_PKEY_verify(context, bytes, signature.len, digest, DKIM_DIGEST_BYTES) == 1;
        EVP_PKEY_CTX_free(context);
    }
    EVP_PKEY_free(key);
    return good;
}

static void a_key_signs_digests_and_nothing_else(void **state)
{
    (void)state;
    static const unsigned char digest[DKIM_DIGEST_BYTES] = "a digest of a header, 32 bytes..";
    for (enum dkim_algorithm algorithm = DKIM_RSA_SHA256; algorithm < DKIM_ALGORITHMS;
         algorithm++) {
        enum dkim_algorithm other =
            algorithm == DKIM_RSA_SHA256 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256;
        struct text private_key = text_with_ceiling(DKIM_PRIVATE_KEY_MAX);
        struct text public = text_with_ceiling(DKIM_PUBLIC_KEY_MAX);
        struct text signature = text_with_ceiling(DKIM_SIGNATURE_MAX);
        struct slice good = slice_bytes(digest, sizeof digest);
        assert_true(dkim_key_make(algorithm, DKIM_RSA_BITS_MIN, &private_key, &public));
        struct slice key = text_slice(&private_key);
        assert_false(dkim_key_sign(other, key, good, &signature));
        assert_false(dkim_key_sign(algorithm, key, slice_first(good, 31), &signature));
        assert_false(dkim_key_sign(algorithm, slice_first(key, 20), good, &signature));
        assert_int_equal(signature.len, 0);
        assert_true(dkim_key_sign(algorithm, key, good, &signature));
        assert_true(verifies(algorithm, &public, text_slice(&signature), digest));
        text_deinit(&private_key);
        text_deinit(&public);
        text_deinit(&signature);
    }
}

static void small_keys_are_not_made(void **state)
{
    (void)state;
    struct text private_key = text_with_ceiling(DKIM_PRIVATE_KEY_MAX);
    struct text public = text_with_ceiling(DKIM_PUBLIC_KEY_MAX);
    assert_false(dkim_key_make(DKIM_RSA_SHA256, DKIM_RSA_BITS_MIN - 1, &private_key, &public));
    assert_false(dkim_key_make(DKIM_RSA_SHA256, DKIM_RSA_BITS_MAX + 1, &private_key, &public));
    assert_int_equal(private_key.len + public.len, 0);
}

/* The digest of letter, written out by hand from RFC 6376 3.7. */
static void the_last_of_a_name_is_signed_first(void **state)
{
    (void)state;
    static const unsigned char body_digest[DKIM_DIGEST_BYTES];
    unsigned char seen[DKIM_DIGEST_BYTES], expected[DKIM_DIGEST_BYTES];
    const char hashed[] =
        "from:\"Anna, at work\" <anna@Contoso.com>\r\nsubject:a\r\nto:c@x\r\nto:b@x\r\n"
        "dkim-signature:v=1; a=rsa-sha256; c=relaxed/simple; d=contoso.com; s=one; t=1700000000; "
        "h=from:from:subject:subject:date:message-id:to:to:to:cc:mime-version: "
        "content-type:content-transfer-encoding; "
        "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=";
    struct dkim_signature signature = {.algorithm = DKIM_RSA_SHA256,
                                       .header_form = CANONICAL_RELAXED,
                                       .body_form = CANONICAL_SIMPLE,
                                       .domain = SLICE("contoso.com"),
                                       .selector = SLICE("one"),
                                       .signed_at_ms = 1700000000999};
    struct text field = text_with_ceiling(DKIM_FIELD_MAX);
    struct dkim_message message = {0};
    feed(&message, slice_of(letter), 100);
    assert_true(dkim_signature_begin(&signature, &message, body_digest, &field, seen));
    char storage[1024];
    struct text canonical = text_over(storage, sizeof storage);
    canonical_field_append(CANONICAL_RELAXED, text_slice(&field), &canonical);
    row_expect_slice("field", text_slice(&canonical), slice_of(strstr(hashed, "dkim-")));
    EVP_Digest(hashed, sizeof hashed - 1, expected, NULL, EVP_sha256(), NULL);
    assert_memory_equal(seen, expected, sizeof expected);
    static const unsigned char bytes[256];
    assert_true(dkim_signature_end(&field, slice_bytes(bytes, sizeof bytes)));
    for (struct slice rest = text_slice(&field), line; slice_take_until(&rest, '\n', &line);)
        assert_in_range(line.len, 3, 100);
    text_deinit(&field);
    dkim_message_deinit(&message);
}

/* --- the record --- */

static void records_are_cut_into_strings(void **state)
{
    (void)state;
    static const unsigned char bytes[300];
    char storage[DKIM_RECORD_MAX];
    struct text text = text_over(storage, sizeof storage);
    assert_true(dkim_record_append(&text, DKIM_ED25519_SHA256, slice_bytes(bytes, 3)));
    row_expect_slice("short", text_slice(&text), SLICE("v=DKIM1; k=ed25519; p=AAAA"));
    text_clear(&text);
    assert_true(dkim_record_append_strings(&text, DKIM_RSA_SHA256, slice_bytes(bytes, 300)));
    struct slice rest = text_slice(&text), piece;
    size_t total = 0;
    while (slice_take_prefix(&rest, SLICE("\"")) && slice_take_until(&rest, '"', &piece)) {
        assert_in_range(piece.len, 1, DKIM_STRING_MAX);
        total += piece.len;
        (void)slice_take_prefix(&rest, SLICE(" "));
    }
    assert_int_equal(total, sizeof "v=DKIM1; k=rsa; p=" - 1 + 400);
    text_clear(&text);
    dkim_record_append_name(&text, SLICE("selector1"), SLICE("contoso.com"));
    row_expect_slice("name", text_slice(&text), SLICE("selector1._domainkey.contoso.com"));
}

static const struct published_row {
    const char *name, *record;
    enum dkim_record_verdict verdict;
} published[] = {
    {"as we write it", "v=DKIM1; k=rsa; p=AAAA", DKIM_RECORD_VALID},
    {"the least", "p=AAAA", DKIM_RECORD_VALID},
    {"other order, blanks", " p = AA\t AA ;t=y; v=DKIM1;", DKIM_RECORD_VALID},
    {"another", "v=DKIM1; k=rsa; p=AAAB", DKIM_RECORD_OTHER_KEY},
    {"cut", "v=DKIM1; k=rsa; p=AAA", DKIM_RECORD_OTHER_KEY},
    {"revoked", "v=DKIM1; p=", DKIM_RECORD_REVOKED},
    {"no key", "v=DKIM1; k=rsa", DKIM_RECORD_MALFORMED},
    {"another kind", "v=DKIM1; k=ed25519; p=AAAA", DKIM_RECORD_MALFORMED},
    {"another version", "v=DKIM2; p=AAAA", DKIM_RECORD_MALFORMED},
    {"a long version", "v=DKIM1DKIM1DKIM1DKIM1; p=AAAA", DKIM_RECORD_MALFORMED},
    {"something else", "v=spf1 -all", DKIM_RECORD_MALFORMED},
    {"nothing", "", DKIM_RECORD_MALFORMED},
};

static void what_is_published_is_judged(void **state)
{
    (void)state;
    static const unsigned char key[3];
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        row_expect(published[i].name, "verdict",
                   dkim_record_judge(slice_of(published[i].record), DKIM_RSA_SHA256,
                                     slice_bytes(key, sizeof key)),
                   published[i].verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_read_in_any_cut),
        cmocka_unit_test(the_author_is_clear_or_nobody),
        cmocka_unit_test(a_header_has_a_ceiling),
        cmocka_unit_test(a_key_signs_digests_and_nothing_else),
        cmocka_unit_test(small_keys_are_not_made),
        cmocka_unit_test(the_last_of_a_name_is_signed_first),
        cmocka_unit_test(records_are_cut_into_strings),
        cmocka_unit_test(what_is_published_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
