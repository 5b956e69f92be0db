/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the logs: headers, rows as administrators' scripts read them, and that a row fits.
 */
#include "support/rows.h"

#include "base/log_row.h"
#include "model/log.h"

#include <string.h>

static const int64_t at_ms = 1548374638478; /* 2019-01-25T00:03:58.478Z */

static void the_header_names_the_fields(void **state)
{
    (void)state;
    struct text header = text_with_ceiling(4096);
    assert_true(log_append_header(&header, LOG_PROTOCOL_RECEIVE, at_ms));
    row_expect_slice("protocol", text_slice(&header),
                     SLICE("#Software: Postern\r\n#Version: " POSTERN_VERSION
                           "\r\n#Log-Type: SMTP Receive Protocol Log\r\n"
                           "#Date: 2019-01-25T00:03:58.478Z\r\n"
                           "#Fields: date-time,connector-id,session-id,sequence-number,"
                           "local-endpoint,remote-endpoint,event,data,context\r\n"));
    text_clear(&header);
    assert_true(log_append_header(&header, LOG_MESSAGE_TRACKING, at_ms));
    assert_true(slice_contains(
        text_slice(&header),
        SLICE("#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,"
              "source-context,connector-id,source,event-id,internal-message-id,message-id,"
              "network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
              "related-recipient-address,reference,message-subject,sender-address,return-path,"
              "message-info,directionality,tenant-id,original-client-ip,original-server-ip,"
              "custom-data,transport-traffic-type,log-id,schema-version\r\n")));
    text_deinit(&header);
}

static struct ip_endpoint endpoint(const char *written)
{
    struct ip_endpoint made;
    assert_true(ip_endpoint_parse(slice_of(written), &made));
    return made;
}

static void a_row_of_the_protocol_log(void **state)
{
    (void)state;
    struct text row = text_with_ceiling(LOG_ROW_MAX);
    struct log_protocol what = {.at_ms = at_ms,
                                .connector = SLICE("MX\\Client Frontend MX"),
                                .session = 0x8d52a,
                                .sequence = 7,
                                .local = endpoint("192.0.2.1:587"),
                                .remote = endpoint("[2001:db8::1]:40001"),
                                .event = SLICE("<"),
                                .data = SLICE("EHLO a,b"),
                                .context = SLICE("")};
    assert_true(log_append_row(&row, LOG_PROTOCOL_RECEIVE, &what));
    row_expect_slice("row", text_slice(&row),
                     SLICE("2019-01-25T00:03:58.478Z,MX\\Client Frontend MX,000000000008D52A,7,"
                           "192.0.2.1:587,[2001:db8::1]:40001,<,\"EHLO a,b\",\r\n"));
    text_deinit(&row);
}

static void a_row_of_message_tracking_has_its_fields_in_place(void **state)
{
    (void)state;
    struct text row = text_with_ceiling(LOG_ROW_MAX);
    struct log_tracking what = {.at_ms = at_ms,
                                .event = SLICE("RECEIVE"),
                                .source = SLICE("SMTP"),
                                .message = 42,
                                .recipients = SLICE("a@x.example;b@x.example"),
                                .sender = SLICE("\"odd, name\"@x.example"),
                                .subject = SLICE("line\r\nend")};
    assert_true(log_append_row(&row, LOG_MESSAGE_TRACKING, &what));
    char storage[4096];
    struct text scratch = text_over(storage, sizeof storage);
    struct slice fields[LOG_COLUMNS_MAX];
    struct slice line = slice_first(text_slice(&row), row.len - 2);
    size_t count = log_row_split(line, &scratch, fields, LOG_COLUMNS_MAX);
    assert_int_equal(count, 30);
    static const struct {
        const char *name, *value;
    } expected[] = {
        {"date-time", "2019-01-25T00:03:58.478Z"},
        {"client-ip", ""},
        {"event-id", "RECEIVE"},
        {"source", "SMTP"},
        {"internal-message-id", "42"},
        {"recipient-address", "a@x.example;b@x.example"},
        {"sender-address", "\"odd, name\"@x.example"},
        {"message-subject", "line\\x0D\\x0Aend"},
        {"schema-version", ""},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        row_expect_slice(expected[i].name,
                         fields[log_column_index(LOG_MESSAGE_TRACKING, slice_of(expected[i].name))],
                         slice_of(expected[i].value));
    text_deinit(&row);
}

static void before_a_connection_there_are_no_endpoints(void **state)
{
    (void)state;
    struct text row = text_with_ceiling(LOG_ROW_MAX);
    struct log_protocol what = {.at_ms = at_ms,
                                .connector = SLICE("Out"),
                                .session = 0x8d52a,
                                .remote = endpoint("192.0.2.1:25"),
                                .event = SLICE("*"),
                                .context = SLICE("attempting to connect")};
    assert_true(log_append_row(&row, LOG_PROTOCOL_SEND, &what));
    row_expect_slice("row", text_slice(&row),
                     SLICE("2019-01-25T00:03:58.478Z,Out,000000000008D52A,0,,192.0.2.1:25,*,,"
                           "attempting to connect\r\n"));
    text_deinit(&row);
}

static void a_row_of_the_connectivity_log(void **state)
{
    (void)state;
    struct text row = text_with_ceiling(LOG_ROW_MAX);
    struct log_connectivity what = {.at_ms = at_ms,
                                    .session = 0x8d52a,
                                    .source = SLICE("SMTP"),
                                    .destination = SLICE("b.example"),
                                    .direction = SLICE("-"),
                                    .description = SLICE("Messages: 1 Bytes: 20")};
    assert_true(log_append_header(&row, LOG_CONNECTIVITY, at_ms));
    assert_true(log_append_row(&row, LOG_CONNECTIVITY, &what));
    assert_true(
        slice_contains(text_slice(&row), SLICE("#Log-Type: Transport Connectivity Log\r\n")));
    assert_true(slice_contains(
        text_slice(&row),
        SLICE("#Fields: date-time,session,source,Destination,direction,description\r\n"
              "2019-01-25T00:03:58.478Z,000000000008D52A,SMTP,b.example,-,Messages: 1 Bytes: "
              "20\r\n")));
    text_deinit(&row);
}

/* The longest values, each byte of them escaped. */
static void the_longest_row_has_room(void **state)
{
    (void)state;
    static char long_value[1 << 16];
    memset(long_value, '\x01', sizeof long_value);
    struct slice value = {long_value, sizeof long_value};
    union {
        struct log_event event;
        struct log_protocol protocol;
        struct log_connectivity connectivity;
        struct log_tracking tracking;
        char bytes[1024];
    } row;
    for (size_t kind = 0; kind < LOG_KINDS; kind++) {
        const struct log_facts *facts = log_facts((enum log_kind)kind);
        memset(&row, 0, sizeof row);
        for (const struct log_column *column = facts->columns; column->name; column++)
            if (column->kind == LOG_COLUMN_TEXT || column->kind == LOG_COLUMN_LIST)
                memcpy(row.bytes + column->offset, &value, sizeof value);
        struct text text = text_with_ceiling(LOG_ROW_MAX);
        row_expect(facts->prefix, "fits", log_append_row(&text, (enum log_kind)kind, &row), true);
        text_deinit(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_names_the_fields),
        cmocka_unit_test(a_row_of_the_protocol_log),
        cmocka_unit_test(a_row_of_message_tracking_has_its_fields_in_place),
        cmocka_unit_test(before_a_connection_there_are_no_endpoints),
        cmocka_unit_test(a_row_of_the_connectivity_log),
        cmocka_unit_test(the_longest_row_has_room),
    };
    return cmocka_run_group_tests_name("model/log", tests, NULL, NULL);
}
