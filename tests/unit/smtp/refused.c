/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals in somebody else's words, at each want that can be refused. */
#include "smtp/session.h"
#include "support/rows.h"

#include "base/attributes.h"

static const struct session_policy policies[] = {
    {.fqdn = SLICE_INIT("mail.example"),
     .recipients_max = 10,
     .protocol_errors_max = UINT32_MAX,
     .may_submit_anonymously = true},
    {.fqdn = SLICE_INIT("mail.example"),
     .recipients_max = 10,
     .protocol_errors_max = UINT32_MAX,
     .may_submit_anonymously = true,
     .enhanced_status_codes = true},
};

static void lead_to(struct session *s, enum session_want want, struct text *out)
{
    session_line(s, SLICE("HELO a"), 0, out);
    session_line(s, SLICE("MAIL FROM:<>"), 0, out);
    if (want != SESSION_WANT_SENDER) {
        session_answer_sender(s, SESSION_SENDER_OK, 0, out);
        session_line(s, SLICE("RCPT TO:<a@b.example>"), 0, out);
    }
    if (want == SESSION_WANT_STORE) {
        session_answer_recipient(s, SESSION_RECIPIENT_OK, 0, out);
        session_line(s, SLICE("DATA"), 0, out);
        session_body_ended(s, 0);
    }
    assert_int_equal(s->want, want);
    text_clear(out);
}

/* clang-format off */
static const struct {
    const char *words;
    const char *plain, *enhanced; /* as the client hears them */
    enum session_want next;
    enum session_penalty penalty;
} rows[] = {
    {"550 5.7.1 no",              "550 no\r\n",            "550 5.7.1 no\r\n",                  SESSION_WANT_LINE,  SESSION_PENALTY_REFUSAL},
    {"451 4.7.1 later",           "451 later\r\n",         "451 4.7.1 later\r\n",               SESSION_WANT_LINE,  SESSION_PENALTY_NONE},
    {"421 4.7.0 bye",             "421 bye\r\n",           "421 4.7.0 bye\r\n",                 SESSION_WANT_CLOSE, SESSION_PENALTY_NONE},
    {"550 5.7.1 a\n550 5.7.1 b",  "550-a\r\n550 b\r\n",    "550-5.7.1 a\r\n550 5.7.1 b\r\n",    SESSION_WANT_LINE,  SESSION_PENALTY_REFUSAL},
    {"550-5.7.1 a\n550-5.7.1 b",  "550-a\r\n550 b\r\n",    "550-5.7.1 a\r\n550 5.7.1 b\r\n",    SESSION_WANT_LINE,  SESSION_PENALTY_REFUSAL},
    {"554 10.0 items",            "554 10.0 items\r\n",    "554 10.0 items\r\n",                SESSION_WANT_LINE,  SESSION_PENALTY_REFUSAL},
    {"554",                       "554 \r\n",              "554 \r\n",                          SESSION_WANT_LINE,  SESSION_PENALTY_REFUSAL},
};
/* clang-format on */

static void refusals_are_said_in_other_words(void **state)
{
    (void)state;
    static const enum session_want wants[] = {SESSION_WANT_SENDER, SESSION_WANT_RECIPIENT,
                                              SESSION_WANT_STORE};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t w = 0; w < COUNT_OF(wants); w++)
            for (size_t enhanced = 0; enhanced < 2; enhanced++) {
                char storage[SESSION_REPLY_MAX];
                struct text out = text_over(storage, sizeof storage);
                struct session s;
                session_begin(&s, &policies[enhanced], (struct ip_address){0}, false, SLICE("date"),
                              0, &out);
                lead_to(&s, wants[w], &out);
                enum session_want next =
                    session_answer_refused(&s, slice_of(rows[i].words), 0, &out);
                row_expect(rows[i].words, "next", next, rows[i].next);
                row_expect(rows[i].words, "penalty", session_penalty(&s), rows[i].penalty);
                row_expect_slice(rows[i].words, text_slice(&out),
                                 slice_of(enhanced ? rows[i].enhanced : rows[i].plain));
                if (next == SESSION_WANT_CLOSE)
                    continue;
                bool in_transaction = wants[w] == SESSION_WANT_RECIPIENT;
                row_expect(rows[i].words, "state", s.state,
                           in_transaction ? SESSION_MAIL : SESSION_IDLE);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refusals_are_said_in_other_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
