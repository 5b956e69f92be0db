/* SPDX-License-Identifier: Apache-2.0 */
/* loggable: no secret is written down, and everything else is. */
#include "support/rows.h"

#include "smtp/loggable.h"

#define MASK "<authentication response>"

static void commands(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool auth_seen, within_auth;
        const char *shown;
    } rows[] = {
        {"EHLO client.example.org", false, false, "EHLO client.example.org"},
        {"AUTH LOGIN", false, false, "AUTH LOGIN"},
        {"AUTH PLAIN AGRlbW8Ac2VjcmV0", false, false, "AUTH PLAIN " MASK},
        {"auth\tplain  AGRlbW8Ac2VjcmV0", false, false, "AUTH plain " MASK},
        {"  AUTH   LOGIN ZGVtbw==", false, false, "AUTH LOGIN " MASK},
        {"AUTH PLAIN = c2VjcmV0 more", false, false, "AUTH PLAIN " MASK},
        {"AUTH c2VjcmV0", false, false, "AUTH " MASK},
        {"AUTH\vPLAIN AGRlbW8Ac2VjcmV0", false, false, "AUTH " MASK},
        {"AUTH=PLAIN AGRlbW8Ac2VjcmV0", false, false, "AUTH " MASK},
        {"AUTH", false, false, "AUTH"},
        {"AUTHENTICATE ME", false, false, "AUTHENTICATE ME"},
        {"ZGVtbw==", false, true, MASK},
        {"*", false, true, MASK},
        {"QUIT", false, true, MASK},
        {"", false, true, MASK},
        {"c2VjcmV0", false, false, "c2VjcmV0"},
        {"c2VjcmV0", true, false, MASK},
        {"AGRlbW8Ac2VjcmV0PQ==", true, false, MASK},
        {"QUIT", true, false, "QUIT"},
        {"rset", true, false, "rset"},
        {"MAIL FROM:<a@b.example>", true, false, "MAIL FROM:<a@b.example>"},
        {"", true, false, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[200];
        struct text out = text_over(storage, sizeof storage);
        struct loggable loggable = {.auth_seen = rows[i].auth_seen};
        assert_true(
            loggable_append_command(&loggable, &out, slice_of(rows[i].line), rows[i].within_auth));
        row_expect_slice(rows[i].line, text_slice(&out), slice_of(rows[i].shown));
    }
}

/* AUTH is refused, the client does not wait and sends the rest of the exchange. */
static void a_refused_exchange_stays_secret(void **state)
{
    (void)state;
    struct loggable loggable = {0};
    char storage[200];
    struct text out = text_over(storage, sizeof storage);
    static const char *const lines[] = {"AUTH LOGIN", "ZGVtbw==", "c2VjcmV0"};
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        loggable_append_command(&loggable, &out, slice_of(lines[i]), false);
    row_expect_slice("all", text_slice(&out), SLICE("AUTH LOGIN" MASK MASK));
}

static void replies(void **state)
{
    (void)state;
    static const struct {
        const char *replies, *shown;
    } rows[] = {
        {"250 2.1.0 Sender OK\r\n", "250 2.1.0 Sender OK"},
        {"250-mx Hello\r\n250-SIZE 10\r\n250 CHUNKING\r\n", "250 mx Hello SIZE 10 CHUNKING"},
        {"250 one\r\n354 two\r\n", "250 one|354 two"},
        {"334 VXNlcm5hbWU6\r\n", "334 " MASK},
        {"334 \r\n", "334 " MASK},
        {"220\r\n", "220 "},
        {"", ""},
        {"250 cut", ""},
        {"250-cut\r\n", "250 cut"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[200];
        struct text out = text_over(storage, sizeof storage);
        struct slice rest = slice_of(rows[i].replies);
        bool more = loggable_take_reply(&rest, &out);
        while (more && rest.len) {
            text_append_byte(&out, '|');
            more = loggable_take_reply(&rest, &out);
        }
        row_expect_slice(rows[i].replies, text_slice(&out), slice_of(rows[i].shown));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(a_refused_exchange_stays_secret),
        cmocka_unit_test(replies),
    };
    return cmocka_run_group_tests_name("smtp/loggable", tests, NULL, NULL);
}
