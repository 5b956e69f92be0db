/* SPDX-License-Identifier: Apache-2.0 */
/* trace: Received and Return-Path, and that no peer can break out of them. */
#include "support/rows.h"

#include "mail/trace.h"

#include <string.h>

static struct trace ordinary(void)
{
    const uint8_t client[] = {192, 0, 2, 1}, server[] = {198, 51, 100, 7};
    return (struct trace){.client_domain = SLICE("client.example"),
                          .client_ip = ip_from_v4(client),
                          .fqdn = SLICE("mail.example"),
                          .server_ip = ip_from_v4(server),
                          .protocol = SLICE("ESMTPS"),
                          .tls_version = SLICE("TLSv1.3"),
                          .tls_cipher = SLICE("TLS_AES_256_GCM_SHA384"),
                          .id = SLICE("08DC0123456789AB"),
                          .date = SLICE("Fri, 5 Aug 2016 16:24:41 -0700")};
}

static void received_is_folded(void **state)
{
    (void)state;
    char storage[1000];
    struct text text = text_over(storage, sizeof storage);
    struct trace trace = ordinary();
    text_append_c(&text, "X: y\r\n");
    assert_true(trace_append_received(&text, &trace));
    row_expect_slice(
        "field", text_slice(&text),
        SLICE("X: y\r\n"
              "Received: from client.example ([192.0.2.1]) by mail.example ([198.51.100.7])\r\n"
              "\twith ESMTPS (version=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384)\r\n"
              "\tid 08DC0123456789AB; Fri, 5 Aug 2016 16:24:41 -0700\r\n"));
    text_clear(&text);
    trace.client_domain = trace.tls_version = trace.id = (struct slice){0};
    trace.connector = SLICE("Default Frontend");
    trace.protocol = SLICE("SMTP");
    assert_true(trace_append_received(&text, &trace));
    row_expect_slice(
        "in clear", text_slice(&text),
        SLICE("Received: from [192.0.2.1] ([192.0.2.1]) by mail.example ([198.51.100.7])\r\n"
              "\twith SMTP (connector Default Frontend); Fri, 5 Aug 2016 16:24:41 -0700\r\n"));
    text_clear(&text);
    trace = ordinary();
    trace.client_certificate = SLICE("0123ABCD");
    trace.client_status = SLICE("Valid");
    trace.client_subject = SLICE("CN=client.example");
    assert_true(trace_append_received(&text, &trace));
    row_expect_slice(
        "client certificate", text_slice(&text),
        SLICE("Received: from client.example ([192.0.2.1]) by mail.example ([198.51.100.7])\r\n"
              "\twith ESMTPS (version=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384)\r\n"
              "\t(client certificate=0123ABCD, status=Valid, subject=CN=client.example)\r\n"
              "\tid 08DC0123456789AB; Fri, 5 Aug 2016 16:24:41 -0700\r\n"));
}

/* Whatever the values: lines end with CR LF and a tab begins each but the first; parentheses pair.
 */
static void no_value_breaks_out(void **state)
{
    (void)state;
    static const struct slice evil = SLICE_INIT("a\r\nX: y\r\n\r\n\0)(\\\";<\xff\n\r");
    static char huge[5000];
    memset(huge, 'x', sizeof huge);
    for (int i = 0; i < 2; i++) {
        char storage[4000];
        struct text text = text_over(storage, sizeof storage);
        struct slice value = i ? slice_bytes(huge, sizeof huge) : evil;
        struct trace trace = {.client_domain = value,
                              .fqdn = value,
                              .protocol = value,
                              .tls_version = value,
                              .tls_cipher = value,
                              .client_certificate = value,
                              .client_status = value,
                              .client_subject = value,
                              .id = value,
                              .connector = value,
                              .date = value};
        assert_true(trace_append_received(&text, &trace));
        struct slice rest = text_slice(&text), line;
        size_t lines = 0, open = 0, close = 0, index;
        while (slice_take_until(&rest, '\n', &line)) {
            assert_true(line.len > 1 && line.at[line.len - 1] == '\r');
            assert_false(slice_find(slice_first(line, line.len - 1), '\r', &index));
            assert_true(slice_starts(line, lines ? SLICE("\t") : SLICE("Received:")));
            for (size_t k = 0; k < line.len; k++) {
                open += line.at[k] == '(';
                close += line.at[k] == ')';
            }
            lines++;
        }
        assert_int_equal(rest.len, 0);
        assert_int_equal(open, close);
        assert_true(slice_all_ascii(text_slice(&text)));
        assert_false(slice_find(text_slice(&text), '\0', &index));
    }
}

static void a_field_without_room_is_not_begun(void **state)
{
    (void)state;
    struct trace trace = ordinary();
    char whole[400];
    struct text all = text_over(whole, sizeof whole);
    assert_true(trace_append_received(&all, &trace));
    for (size_t room = 0; room < all.len; room++) {
        char storage[400];
        struct text text = text_over(storage, room);
        assert_false(trace_append_received(&text, &trace));
        assert_int_equal(text.len, 0);
    }
}

static void protocols_by_name(void **state)
{
    (void)state;
    row_expect_slice("helo", trace_protocol(false, false, false, false), SLICE("SMTP"));
    row_expect_slice("ehlo", trace_protocol(true, false, false, false), SLICE("ESMTP"));
    row_expect_slice("tls", trace_protocol(true, true, false, false), SLICE("ESMTPS"));
    row_expect_slice("auth", trace_protocol(true, false, true, false), SLICE("ESMTPA"));
    row_expect_slice("both", trace_protocol(true, true, true, false), SLICE("ESMTPSA"));
    row_expect_slice("helo, tls", trace_protocol(false, true, false, false), SLICE("ESMTPS"));
    row_expect_slice("utf8", trace_protocol(true, true, true, true), SLICE("UTF8SMTPSA"));
    row_expect_slice("utf8", trace_protocol(true, false, false, true), SLICE("UTF8SMTP"));
}

static void return_path(void **state)
{
    (void)state;
    static const struct {
        struct slice sender;
        const char *line;
    } rows[] = {
        {SLICE_INIT(""), "Return-Path: <>\r\n"},
        {SLICE_INIT("a@b"), "Return-Path: <a@b>\r\n"},
        {SLICE_INIT("\"a b\"@b"), "Return-Path: <\"a b\"@b>\r\n"},
        {SLICE_INIT("m\xc3\xbc@b"), "Return-Path: <m\xc3\xbc@b>\r\n"},
        {SLICE_INIT("a\r\nX: \xff\0@b"), "Return-Path: <a??X: ??@b>\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[100];
        struct text text = text_over(storage, sizeof storage);
        assert_true(trace_append_return_path(&text, rows[i].sender));
        row_expect_slice(rows[i].line, text_slice(&text), slice_of(rows[i].line));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(received_is_folded),
        cmocka_unit_test(no_value_breaks_out),
        cmocka_unit_test(a_field_without_room_is_not_begun),
        cmocka_unit_test(protocols_by_name),
        cmocka_unit_test(return_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
