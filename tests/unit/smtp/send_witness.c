/* SPDX-License-Identifier: Apache-2.0 */
/* send_witness: what may be written down of a conversation, whatever the cut of the server's bytes.
 */
#include "smtp/send_witness.h"

#include "support/rows.h"
#include "support/send_play.h"

static char told_storage[1 << 16];
static struct text told;

static void tell(char direction, struct slice line)
{
    text_append_byte(&told, direction);
    text_append_byte(&told, ' ');
    text_append(&told, line);
    text_append_byte(&told, '\n');
}

static void on_said(void *context, struct slice line)
{
    assert_ptr_equal(context, &told);
    tell('>', line);
}

static void on_heard(void *context, struct slice line)
{
    assert_ptr_equal(context, &told);
    tell('<', line);
}

static const struct send_witness witness = {on_said, on_heard, &told};
static const struct slice plain[] = {SLICE_INIT("PLAIN")}, login[] = {SLICE_INIT("LOGIN")};

#define MASKED "<authentication response>"
#define GREETED "< 220 mx\n> EHLO us\n"
#define LOGIN(mechanism)                                                                           \
    .policy = {.mechanisms = mechanism, .mechanisms_count = 1, .witness = &witness}

/* clang-format off */
static const struct witness_row {
    struct send_play play;
    const char *told;
} rows[] = {
    {{.name = "one message", .policy = {.witness = &witness},
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 DSN\nC MAIL FROM:<s@x>\nS 250 ok\nC RCPT TO:<a@y>\nS 250 ok\nC DATA\nS 354 go\nC Hi\nC .\nS 250-2.6.0 taken\nS 250 2.6.0 really\nC QUIT\nS 221 bye",
      .fates = "D the end of the message: 250 2.6.0 taken/2.6.0 really", .ending = "quit"},
     GREETED "< 250 mx DSN\n> MAIL FROM:<s@x>\n< 250 ok\n> RCPT TO:<a@y>\n< 250 ok\n> DATA\n< 354 go\n< 250 2.6.0 taken 2.6.0 really\n> QUIT\n< 221 bye\n"},
    {{.name = "chunks without their bytes", .policy = {.witness = &witness}, .piece = 3, .body = "a\r\nb\r\n",
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 CHUNKING\nC MAIL FROM:<s@x>\nS 250 ok\nC RCPT TO:<a@y>\nS 250 ok\nC BDAT 3\nC a\nS 250 ok\nC BDAT 3 LAST\nC b\nS 250 taken\nC QUIT\nS 221 bye",
      .fates = "D the end of the message: 250 taken", .ending = "quit"},
     GREETED "< 250 mx CHUNKING\n> MAIL FROM:<s@x>\n< 250 ok\n> RCPT TO:<a@y>\n< 250 ok\n> BDAT 3\n< 250 ok\n> BDAT 3 LAST\n< 250 taken\n> QUIT\n< 221 bye\n"},
    {{.name = "a login at once", LOGIN(plain), .recipients = "",
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 235 in\nC QUIT\nS 221 bye", .fates = "", .ending = "quit"},
     GREETED "< 250 mx AUTH PLAIN\n> AUTH PLAIN " MASKED "\n< 235 in\n> QUIT\n< 221 bye\n"},
    {{.name = "a login step by step", LOGIN(login), .recipients = "",
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC VXNlcm5hbWU6\nS 334 UGFzc3dvcmQ6\nC UGFzc3dvcmQ6\nS 235 in\nC QUIT\nS 221 bye", .fates = "", .ending = "quit"},
     GREETED "< 250 mx AUTH LOGIN\n> AUTH LOGIN\n< 334 " MASKED "\n> " MASKED "\n< 334 " MASKED "\n> " MASKED "\n< 235 in\n> QUIT\n< 221 bye\n"},
    {{.name = "a server that repeats a login", LOGIN(plain),
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 535-5.7.8 \"AUTH PLAIN Zmlyc3Q=\" refused\nS 535 5.7.8 Authentication unsuccessful\nC QUIT\nS 221 bye",
      .ending = "auth failed AUTH: 535 5.7.8 \"AUTH PLAIN " MASKED "\" refused/5.7.8 Authentication unsuccessful"},
     GREETED "< 250 mx AUTH PLAIN\n> AUTH PLAIN " MASKED "\n< 535 5.7.8 \"AUTH PLAIN " MASKED "\" refused 5.7.8 Authentication unsuccessful\n> QUIT\n< 221 bye\n"},
    {{.name = "a server that repeats half of it, and has words of its own", LOGIN(login),
      .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC VXNlcm5hbWU6\nS 334 UGFzc3dvcmQ6\nC UGFzc3dvcmQ6\nS 535 5.7.139 UGFzc3dv... [AM0PR0102CA0034 08DC1234ABCD5678]\nC QUIT\nS 221 bye",
      .ending = "auth failed AUTH: 535 5.7.139 " MASKED "... [AM0PR0102CA0034 08DC1234ABCD5678]"},
     GREETED "< 250 mx AUTH LOGIN\n> AUTH LOGIN\n< 334 " MASKED "\n> " MASKED "\n< 334 " MASKED "\n> " MASKED "\n< 535 5.7.139 " MASKED "... [AM0PR0102CA0034 08DC1234ABCD5678]\n> QUIT\n< 221 bye\n"},
    {{.name = "no reply is not told", .policy = {.witness = &witness}, .script = "S 220 mx\nC EHLO us\nS hello", .ending = "fault EHLO: 451 4.5.0 What the server said is no reply of SMTP*"},
     GREETED},
};
/* clang-format on */

static void whatever_is_said_is_told_without_secrets(void **state)
{
    (void)state;
    static const size_t cuts[] = {SEND_INPUT_MAX, 1, 7};
    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(cuts); i++) {
        const struct witness_row *row = &rows[i / COUNT_OF(cuts)];
        told = text_over(told_storage, sizeof told_storage);
        send_play_run(&row->play, cuts[i % COUNT_OF(cuts)]);
        row_expect_slice(row->play.name, text_slice(&told), slice_of(row->told));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_said_is_told_without_secrets),
    };
    return cmocka_run_group_tests_name("smtp/send_witness", tests, NULL, NULL);
}
