/* SPDX-License-Identifier: Apache-2.0 */
/* session: what conversations cannot show: deadlines, untrusted texts in replies, and the tables.
 */
#include "support/rows.h"

#include "smtp/session.h"
#include "smtp/verb.h"
#include "smtp/xtext.h"

#include <string.h>

static const struct session_policy policy = {
    .fqdn = SLICE_INIT("mail.example"),
    .recipients_max = 10,
    .protocol_errors_max = UINT32_MAX,
    .connection_timeout_ms = 1000,
    .inactivity_timeout_ms = 300,
    .may_submit_anonymously = true,
    .enhanced_status_codes = true,
};

static void begin(struct session *s, struct text *out)
{
    session_begin(s, &policy, (struct ip_address){0}, false, SLICE("date"), 0, out);
    text_clear(out);
}

static void begin_store(struct session *s, uint64_t now_ms, struct text *out)
{
    begin(s, out);
    session_line(s, SLICE("HELO a"), now_ms, out);
    session_line(s, SLICE("MAIL FROM:<>"), now_ms, out);
    session_answer_sender(s, SESSION_SENDER_OK, now_ms, out);
    session_line(s, SLICE("RCPT TO:<a@b.example>"), now_ms, out);
    session_answer_recipient(s, SESSION_RECIPIENT_OK, now_ms, out);
    session_line(s, SLICE("DATA"), now_ms, out);
    assert_int_equal(session_body_ended(s, now_ms), SESSION_WANT_STORE);
    text_clear(out);
}

static void the_earlier_deadline_counts(void **state)
{
    (void)state;
    char storage[SESSION_REPLY_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct session s;
    begin(&s, &out);
    assert_int_equal(session_deadline_ms(&s), 300);
    session_line(&s, SLICE("NOOP"), 200, &out);
    assert_int_equal(session_deadline_ms(&s), 500);
    session_activity(&s, 900);
    assert_int_equal(session_deadline_ms(&s), 1000);
}

static void a_message_being_stored_gets_its_answer(void **state)
{
    (void)state;
    char storage[SESSION_REPLY_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct session s;
    begin_store(&s, 990, &out);
    assert_int_equal(session_deadline_ms(&s), 1290);
    session_answer_stored(&s, &(struct session_stored){.answer = SESSION_STORED}, 1001, &out);
    assert_true(slice_starts(text_slice(&out), SLICE("250 2.6.0 [InternalId=0")));
    assert_int_equal(session_deadline_ms(&s), 1000);
}

static void no_limit_is_no_deadline(void **state)
{
    (void)state;
    struct session_policy endless = policy;
    char storage[SESSION_REPLY_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct session s;
    endless.connection_timeout_ms = 0;
    endless.inactivity_timeout_ms = INT64_MAX;
    session_begin(&s, &endless, (struct ip_address){0}, false, SLICE("date"), UINT64_MAX / 2 + 10,
                  &out);
    assert_true(session_deadline_ms(&s) == UINT64_MAX);
}

/* What proves a client is the caller's to say, and a handshake forgets it. */
static void a_recognised_client_needs_no_login(void **state)
{
    (void)state;
    struct session_policy closed = policy;
    char storage[2 * SESSION_REPLY_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct session s;
    closed.may_submit_anonymously = false;
    closed.starttls = true;
    session_begin(&s, &closed, (struct ip_address){0}, false, SLICE("date"), 0, &out);
    session_line(&s, SLICE("EHLO a"), 0, &out);
    assert_int_equal(session_line(&s, SLICE("MAIL FROM:<>"), 0, &out), SESSION_WANT_LINE);
    session_recognise(&s, true);
    assert_int_equal(session_line(&s, SLICE("STARTTLS"), 0, &out), SESSION_WANT_TLS);
    session_answer_tls(&s, true, 0);
    session_line(&s, SLICE("EHLO a"), 0, &out);
    assert_int_equal(session_line(&s, SLICE("MAIL FROM:<>"), 0, &out), SESSION_WANT_LINE);
    session_recognise(&s, true);
    assert_int_equal(session_line(&s, SLICE("MAIL FROM:<>"), 0, &out), SESSION_WANT_SENDER);
}

static void a_message_id_cannot_break_the_reply(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice id;
        bool shown;
    } rows[] = {
        {"good", SLICE_INIT("<a@b>"), true},  {"CR LF", SLICE_INIT("<a\r\n250 x>"), false},
        {"NUL", SLICE_INIT("<a\0b>"), false}, {"8 bit", SLICE_INIT("<\xc3\xbc@b>"), false},
        {"none", SLICE_INIT(""), false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[SESSION_REPLY_MAX];
        struct text out = text_over(storage, sizeof storage);
        struct session s;
        begin_store(&s, 0, &out);
        session_answer_stored(&s,
                              &(struct session_stored){.answer = SESSION_STORED,
                                                       .message_id = rows[i].id,
                                                       .internal_id = 3,
                                                       .size_bytes = 11511,
                                                       .elapsed_ms = 102},
                              0, &out);
        struct slice reply = text_slice(&out);
        assert_true(slice_take_prefix(&reply, SLICE("250 2.6.0 ")));
        row_expect(rows[i].name, "shown", slice_take_prefix(&reply, SLICE("<a@b> ")),
                   rows[i].shown);
        row_expect_slice(rows[i].name, reply,
                         SLICE("[InternalId=3, Hostname=mail.example] 11511 bytes in 0.102, "
                               "110.207 KB/sec Queued mail for delivery\r\n"));
    }
}

static void a_banner_is_one_line(void **state)
{
    (void)state;
    struct session_policy own = policy;
    char storage[SESSION_REPLY_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct session s;
    own.banner = SLICE("220 hello\r\n250 injected");
    session_begin(&s, &own, (struct ip_address){0}, false, SLICE("date"), 0, &out);
    row_expect_slice("banner", text_slice(&out), SLICE("220 hello\r\n"));
}

/* The table must refuse what cannot work before it, in every state, for every verb that has an
 * order. */
static void every_verb_has_a_row_that_makes_sense(void **state)
{
    (void)state;
    const struct verb *verb;
    size_t count = 0;
    for (; (verb = verb_at(count)); count++) {
        assert_non_null(verb->run);
        assert_ptr_equal(verb_find(verb->name), verb);
        for (size_t i = 0; i < VERB_STATES; i++)
            assert_true(verb->refused_in[i] == REPLY_NONE ||
                        reply_is_protocol_error((enum reply_name)verb->refused_in[i]));
        assert_true(!verb->after_auth || verb->after_tls);
    }
    assert_int_equal(count, 14);
    assert_null(verb_find(SLICE("")));
}

static void xtext_hides_no_control_byte(void **state)
{
    (void)state;
    static const struct {
        struct slice written;
        bool valid;
    } rows[] = {
        {SLICE_INIT(""), true},      {SLICE_INIT("a+2Bb+3D"), true}, {SLICE_INIT("a=b"), false},
        {SLICE_INIT("a b"), false},  {SLICE_INIT("+"), false},       {SLICE_INIT("+2"), false},
        {SLICE_INIT("+2b"), false},  {SLICE_INIT("+0D"), false},     {SLICE_INIT("+00"), false},
        {SLICE_INIT("+7F"), false},  {SLICE_INIT("+7E"), true},      {SLICE_INIT("+1F"), false},
        {SLICE_INIT("\x80"), false}, {SLICE_INIT("a\0"), false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].written.at, "valid", xtext_valid(rows[i].written), rows[i].valid);
}

static void xtext_comes_back_as_it_was(void **state)
{
    (void)state;
    char encoded_storage[64], decoded_storage[64];
    struct text encoded = text_over(encoded_storage, sizeof encoded_storage);
    struct text decoded = text_over(decoded_storage, sizeof decoded_storage);
    struct slice original = SLICE("\"a +=b\"@contoso.com");
    assert_true(xtext_append_encoded(&encoded, original));
    row_expect_slice("encoded", text_slice(&encoded), SLICE("\"a+20+2B+3Db\"@contoso.com"));
    assert_true(xtext_append_decoded(&decoded, text_slice(&encoded)));
    row_expect_slice("decoded", text_slice(&decoded), original);
    assert_false(xtext_append_decoded(&decoded, SLICE("a=b")));
    assert_false(xtext_append_encoded(&encoded, SLICE("a\r")));
    text_clear(&encoded);
    assert_true(xtext_append_utf8(&encoded, SLICE("j\xC3\xBCrg+x=\\@b.example")));
    assert_string_equal(text_c_string(&encoded), "j\\x{FC}rg\\x{2B}x\\x{3D}\\x{5C}@b.example");
    assert_false(xtext_append_utf8(&encoded, SLICE("\xC3")));
    assert_false(xtext_append_utf8(&encoded, SLICE("a\r\xC3\xBC")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earlier_deadline_counts),
        cmocka_unit_test(a_message_being_stored_gets_its_answer),
        cmocka_unit_test(no_limit_is_no_deadline),
        cmocka_unit_test(a_recognised_client_needs_no_login),
        cmocka_unit_test(a_message_id_cannot_break_the_reply),
        cmocka_unit_test(a_banner_is_one_line),
        cmocka_unit_test(every_verb_has_a_row_that_makes_sense),
        cmocka_unit_test(xtext_hides_no_control_byte),
        cmocka_unit_test(xtext_comes_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
