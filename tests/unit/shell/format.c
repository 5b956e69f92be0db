/* SPDX-License-Identifier: Apache-2.0 */
/* Replies as text: golden outputs, and nothing of a peer that moves a cursor. */
#include "support/rows.h"

#include "shell/format.h"
#include "shell/value.h"

static void expect(const char *row, const char *json, struct format_options options,
                   const char *expected)
{
    json_error_t problem;
    struct text text = text_with_ceiling(1 << 20);
    json_t *reply = json_loads(json, 0, &problem);
    if (!reply)
        fail_msg("row %s: %s at %d", row, problem.text, problem.position);
    assert_true(format_objects(&text, reply, &options));
    row_expect_slice(row, text_slice(&text), slice_of(expected));
    json_decref(reply);
    text_deinit(&text);
}

static const char certificates[] =
    "{\"noun\":\"ExchangeCertificate\",\"objects\":["
    "{\"Thumbprint\":\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\",\"ServicesMask\":\"IP..S..\","
    "\"Subject\":\"CN=mail.contoso.com\",\"CertificateDomains\":[\"a\",\"b\"],\"HasPrivateKey\":"
    "true},"
    "{\"Thumbprint\":\"7CC1A6A8C7151C6E7D8079030334B4C8353CE67C\",\"ServicesMask\":\"....S..\","
    "\"Subject\":\"CN=mx1\",\"CertificateDomains\":[],\"HasPrivateKey\":false}]}";

static void certificates_as_the_shell_prints_them(void **state)
{
    (void)state;
    expect("table", certificates, (struct format_options){FORMAT_DEFAULT, 0},
           "Thumbprint                                Services   Subject\n"
           "----------                                --------   -------\n"
           "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319  IP..S..    CN=mail.contoso.com\n"
           "7CC1A6A8C7151C6E7D8079030334B4C8353CE67C  ....S..    CN=mx1\n");
    expect("narrow", certificates, (struct format_options){FORMAT_TABLE, 64},
           "Thumbprint                                Services   Subject\n"
           "----------                                --------   -------\n"
           "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319  IP..S..    CN=mail....\n"
           "7CC1A6A8C7151C6E7D8079030334B4C8353CE67C  ....S..    CN=mx1\n");
    expect("list", certificates, (struct format_options){FORMAT_LIST, 0},
           "Thumbprint         : 2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\n"
           "Subject            : CN=mail.contoso.com\n"
           "CertificateDomains : {a, b}\n"
           "HasPrivateKey      : True\n"
           "\n"
           "Thumbprint         : 7CC1A6A8C7151C6E7D8079030334B4C8353CE67C\n"
           "Subject            : CN=mx1\n"
           "CertificateDomains : {}\n"
           "HasPrivateKey      : False\n");
}

static void a_thumbprint_is_never_cut(void **state)
{
    (void)state;
    expect("very narrow", certificates, (struct format_options){FORMAT_TABLE, 20},
           "Thumbprint                                Services   Subject\n"
           "----------                                --------   -------\n"
           "2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319  IP..S..    CN=ma...\n"
           "7CC1A6A8C7151C6E7D8079030334B4C8353CE67C  ....S..    CN=mx1\n");
}

static void connectors_as_the_shell_prints_them(void **state)
{
    (void)state;
    expect("connectors",
           "{\"noun\":\"ReceiveConnector\",\"objects\":["
           "{\"Identity\":\"MX1\\\\Default Frontend "
           "MX1\",\"Bindings\":[\"[::]:25\",\"0.0.0.0:25\"],\"Enabled\":true},"
           "{\"Identity\":\"MX1\\\\Client Frontend "
           "MX1\",\"Bindings\":[\"[::]:587\",\"0.0.0.0:587\"],\"Enabled\":true}]}",
           (struct format_options){FORMAT_DEFAULT, 100},
           "Identity                      Bindings                       Enabled\n"
           "--------                      --------                       -------\n"
           "MX1\\Default Frontend MX1      {[::]:25, 0.0.0.0:25}          True\n"
           "MX1\\Client Frontend MX1       {[::]:587, 0.0.0.0:587}        True\n");
}

static void empty_values_end_behind_the_colon(void **state)
{
    (void)state;
    expect("list", "{\"noun\":\"Unheard\",\"objects\":[{\"A\":null,\"Long\":\"\",\"N\":7}]}",
           (struct format_options){FORMAT_DEFAULT, 0}, "A    :\nLong :\nN    : 7\n");
    expect("none", "{\"noun\":\"Mailbox\",\"objects\":[]}",
           (struct format_options){FORMAT_DEFAULT, 0}, "");
    expect("json", "{\"noun\":\"Mailbox\",\"objects\":[]}", (struct format_options){FORMAT_JSON, 0},
           "[]\n");
}

static void programs_read_rows(void **state)
{
    (void)state;
    static const char reply[] = "{\"noun\":\"Unheard\",\"objects\":[{\"A\":\"say \\\"x\\\", "
                                "y\",\"L\":[\"p\",\"q\"],\"B\":true},"
                                "{\"B\":null,\"A\":7,\"New\":1}]}";
    expect("json", reply, (struct format_options){FORMAT_JSON, 0},
           "[\n  {\n    \"A\": \"say \\\"x\\\", y\",\n    \"L\": [\n      \"p\",\n      \"q\"\n    "
           "],\n"
           "    \"B\": true\n  },\n  {\n    \"B\": null,\n    \"A\": 7,\n    \"New\": 1\n  }\n]\n");
    expect("jsonl", reply, (struct format_options){FORMAT_JSONL, 0},
           "{\"A\":\"say \\\"x\\\", "
           "y\",\"L\":[\"p\",\"q\"],\"B\":true}\n{\"B\":null,\"A\":7,\"New\":1}\n");
    expect("csv", reply, (struct format_options){FORMAT_CSV, 0},
           "\"A\",\"L\",\"B\"\n\"say \"\"x\"\", y\",\"p q\",\"True\"\n\"7\",,\n");
    expect("names",
           "{\"noun\":\"Unheard\",\"objects\":[{\"Name\":\"b\",\"Identity\":\"MX\\\\b\"},"
           "{\"Name\":\"c\",\"Thumbprint\":\"2CBC\"},{\"Name\":\"d\"},{\"Other\":7},\"text\"]}",
           (struct format_options){FORMAT_NAME, 0}, "MX\\b\n2CBC\nd\n7\ntext\n");
    expect("no lines", "{\"noun\":\"Mailbox\",\"objects\":[]}",
           (struct format_options){FORMAT_JSONL, 0}, "");
    expect("no columns", "{\"noun\":\"Mailbox\",\"objects\":[]}",
           (struct format_options){FORMAT_CSV, 0}, "");
    expect("no cursor is moved", "{\"noun\":\"Unheard\",\"objects\":[{\"A\":\"\\u001b[2J\"}]}",
           (struct format_options){FORMAT_CSV, 0}, "\"A\"\n\"\\x1B[2J\"\n");
}

static const char file[] =
    "{\"noun\":\"CertificateFile\",\"objects\":[{\"Thumbprint\":\"2CBC\",\"Format\":\"PEM\","
    "\"Text\":"
    "\"-----BEGIN CERTIFICATE-----\\nMII=\\u001b[2J\\n-----END CERTIFICATE-----\\n\"}]}";

static void a_file_is_printed_as_it_is(void **state)
{
    (void)state;
    expect("text", file, (struct format_options){FORMAT_DEFAULT, 20},
           "-----BEGIN CERTIFICATE-----\nMII=\\x1B[2J\n-----END CERTIFICATE-----\n");
    expect("list", file, (struct format_options){FORMAT_LIST, 0},
           "Thumbprint : 2CBC\nFormat     : PEM\n");
    expect("table", file, (struct format_options){FORMAT_TABLE, 0},
           "Thumbprint : 2CBC\nFormat     : PEM\n");
}

static void text_of_a_peer_moves_no_cursor(void **state)
{
    (void)state;
    expect("escapes",
           "{\"noun\":\"X\",\"objects\":[{\"S\":\"a\\u001b[2J\\r\\n\\u009b\\u202eb\\u00e4\"}]}",
           (struct format_options){FORMAT_LIST, 0},
           "S : a\\x1B[2J\\x0D\\x0A\\xC2\\x9B\\xE2\\x80\\xAE"
           "b\xc3\xa4\n");
}

static const char explained[] =
    "{\"noun\":\"ReceiveConnectorCertificate\",\"objects\":[{"
    "\"Identity\":\"MX1\\\\Client Frontend "
    "MX1\",\"Bindings\":[\"[::]:587\"],\"TlsMode\":\"Explicit\",\"Enabled\":true,"
    "\"OffersTls\":true,\"Presents\":{\"Thumbprint\":\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\","
    "\"Subject\":\"CN=*.contoso.com\",\"Issuer\":\"CN=CA1\",\"IsSelfSigned\":false,\"DaysLeft\":41}"
    ","
    "\"Clients\":[{\"Name\":\"outlook\",\"Code\":\"OK\"},{\"Name\":\"printer\",\"Code\":"
    "\"PROTOCOL_TOO_OLD\"},{\"Name\":\"swaks\",\"Code\":\"OK\"}],"
    "\"Because\":\"bound by name\\nnewest valid-from wins\",\"Rejected\":["
    "{\"Thumbprint\":\"55D0000000000000000000000000000000000A1B\",\"Subject\":\"CN=x\",\"Text\":"
    "\"SMTP is not enabled\","
    "\"Code\":\"SERVICE_NOT_ENABLED\",\"Fix\":\"Enable-ExchangeCertificate -Thumbprint 55D0 "
    "-Services SMTP\"}],"
    "\"Changes\":[{\"At\":\"2027-01-03T00:00:00.000Z\",\"Presents\":null}]}]}";

static void an_explanation_is_one_screen(void **state)
{
    (void)state;
    expect("explain", explained, (struct format_options){FORMAT_DEFAULT, 0},
           "Connector  MX1\\Client Frontend MX1   {[::]:587}\n"
           "Presents   2CBC3F4B...9319  CN=*.contoso.com  (CN=CA1)   valid 41 more days\n"
           "Clients    content: outlook, swaks; PROTOCOL_TOO_OLD: printer\n"
           "Because    bound by name\n"
           "           newest valid-from wins\n"
           "Rejected   55D00000...0A1B  CN=x: SMTP is not enabled         SERVICE_NOT_ENABLED\n"
           "                      -> Enable-ExchangeCertificate -Thumbprint 55D0 -Services SMTP\n"
           "Changes    2027-01-03 no certificate fits: TLS is NOT offered from then on\n");
    expect("as a table", explained, (struct format_options){FORMAT_TABLE, 0},
           "Identity                 Thumbprint                                Subject           "
           "Rule  DaysLeft\n"
           "--------                 ----------                                -------           "
           "----  --------\n"
           "MX1\\Client Frontend MX1  2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319  CN=*.contoso.com   "
           "     41\n");
}

static void a_hypothesis_says_would(void **state)
{
    (void)state;
    static const char front[] = "Connector  MX1\\Mail   {[::]:25}\n"
                                "Would show 2CBC3F4B...9319  CN=x  (CN=CA1)   valid 41 more days\n";
    static const struct {
        const char *name, *now, *line;
    } rows[] = {
        {"nothing", "null", "Now shows  nothing\n"},
        {"the same", "{\"Thumbprint\":\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\"}",
         "Now shows  the same\n"},
        {"another",
         "{\"Thumbprint\":\"55D0000000000000000000000000000000000A1B\",\"Subject\":\"CN=x\","
         "\"IsSelfSigned\":true,\"DaysLeft\":-3}",
         "Now shows  55D00000...0A1B  CN=x  (self-signed)   EXPIRED 3 days ago\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char reply[1024], screen[512];
        snprintf(
            reply, sizeof reply,
            "{\"noun\":\"ReceiveConnectorCertificate\",\"objects\":[{\"Identity\":\"MX1\\\\Mail\","
            "\"Bindings\":[\"[::]:25\"],\"Hypothetical\":true,\"OffersTls\":true,\"Presents\":{"
            "\"Thumbprint\":\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\",\"Subject\":\"CN=x\","
            "\"Issuer\":\"CN=CA1\",\"DaysLeft\":41},\"PresentsNow\":%s,\"Changes\":[]}]}",
            rows[i].now);
        snprintf(screen, sizeof screen, "%s%sChanges    nothing, as far as dates decide it\n",
                 front, rows[i].line);
        expect(rows[i].name, reply, (struct format_options){FORMAT_DEFAULT, 0}, screen);
    }
}

static void what_ends_says_what_renews_it(void **state)
{
    (void)state;
    expect(
        "it ends, and an older one comes back",
        "{\"noun\":\"ReceiveConnectorCertificate\",\"objects\":[{\"Identity\":\"MX1\\\\Mail\","
        "\"Bindings\":[\"[::]:25\"],\"OffersTls\":true,\"Fix\":\"New-ExchangeCertificate\","
        "\"Presents\":{\"Thumbprint\":\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\","
        "\"Subject\":\"\",\"Issuer\":\"CN=CA1\",\"DaysLeft\":5},\"Changes\":["
        "{\"At\":\"2027-01-03T00:00:00Z\",\"Expired\":true,\"Presents\":{\"Thumbprint\":"
        "\"2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319\",\"Subject\":\"\",\"Issuer\":\"CN=CA1\"}},"
        "{\"At\":\"2031-01-03T00:00:00Z\",\"Expired\":true,\"Presents\":{\"Thumbprint\":"
        "\"55D0000000000000000000000000000000000A1B\",\"Subject\":\"CN=x\","
        "\"IsSelfSigned\":true}}]}]}",
        (struct format_options){FORMAT_DEFAULT, 0},
        "Connector  MX1\\Mail   {[::]:25}\n"
        "Presents   2CBC3F4B...9319  (no subject)  (CN=CA1)   valid 5 more days\n"
        "                      -> New-ExchangeCertificate\n"
        "Changes    2027-01-03 it EXPIRES and is presented all the same: 2CBC3F4B...9319  "
        "(no subject)  (CN=CA1)\n"
        "           2031-01-03 presents, though EXPIRED: 55D00000...0A1B  CN=x  (self-signed)\n");
}

static void nobody_takes_the_client(void **state)
{
    (void)state;
    expect("no connector",
           "{\"noun\":\"ReceiveConnectorCertificate\",\"objects\":[{\"Connectors\":["
           "{\"Identity\":\"MX1\\\\Relay\",\"Text\":\"no range holds the "
           "client\",\"Code\":\"RANGE_EXCLUDES\"},"
           "{\"Identity\":\"MX1\\\\Other\",\"Text\":\"x\",\"Code\":\"BINDING_DIFFERS\"}]}]}",
           (struct format_options){FORMAT_DEFAULT, 0},
           "Connector  none: the client is answered 421 4.3.2\n"
           "Not        MX1\\Relay  no range holds the client               RANGE_EXCLUDES\n"
           "           1 connector does not listen on this address and port\n");
}

static void messages_have_texts_of_their_own(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(4096);
    json_t *reply =
        json_loads("{\"objects\":[],\"warnings\":[\"w\\u0007\"],\"information\":[\"i\",\"j\"],"
                   "\"error\":{\"category\":\"ObjectNotFound\",\"message\":\"no\\nmore\\u001b\","
                   "\"fix\":\"Get-Mailbox\"}}",
                   0, NULL);
    assert_non_null(reply);
    format_information(&text, reply);
    format_warnings(&text, reply);
    format_error(&text, reply, SLICE("Set-Mailbox"));
    row_expect_slice("messages", text_slice(&text),
                     SLICE("i\nj\nWARNING: w\\x07\nSet-Mailbox: no\n    more\\x1B\n"
                           "    category: ObjectNotFound\n    fix: Get-Mailbox\n"));
    assert_int_equal(format_exit_code(reply), OPERATION_NOT_FOUND);
    json_object_del(reply, "error");
    assert_int_equal(format_exit_code(reply), OPERATION_OK);
    json_decref(reply);
    text_deinit(&text);
}

static void columns_count_characters(void **state)
{
    (void)state;
    assert_int_equal(text_columns(SLICE("a\xc3\xa4\xe2\x82\xac")), 3);
    row_expect_slice("cut", text_first_columns(SLICE("a\xc3\xa4\xe2\x82\xac"), 2),
                     SLICE("a\xc3\xa4"));
    row_expect_slice("all", text_first_columns(SLICE("ab"), 5), SLICE("ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_as_the_shell_prints_them),
        cmocka_unit_test(a_thumbprint_is_never_cut),
        cmocka_unit_test(connectors_as_the_shell_prints_them),
        cmocka_unit_test(empty_values_end_behind_the_colon),
        cmocka_unit_test(programs_read_rows),
        cmocka_unit_test(a_file_is_printed_as_it_is),
        cmocka_unit_test(text_of_a_peer_moves_no_cursor),
        cmocka_unit_test(an_explanation_is_one_screen),
        cmocka_unit_test(a_hypothesis_says_would),
        cmocka_unit_test(what_ends_says_what_renews_it),
        cmocka_unit_test(nobody_takes_the_client),
        cmocka_unit_test(messages_have_texts_of_their_own),
        cmocka_unit_test(columns_count_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
