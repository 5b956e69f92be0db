/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of the tracking log are taken. */
#include "support/rows.h"

#include "model/tracking_filter.h"

enum { SCRATCH_BYTES = 4096 };

static const int64_t at_ms = 1772539200000; /* 2026-03-03T12:00:00Z */

static struct slice a_row(struct text *out)
{
    struct log_tracking row = {.at_ms = at_ms,
                               .event = SLICE("DELIVER"),
                               .source = SLICE("STOREDRIVER"),
                               .connector = SLICE("MX1\\Default Frontend MX1"),
                               .subject = SLICE("Invoice 4711, overdue"),
                               .reference = SLICE("<before@client.example>"),
                               .message = 42,
                               .message_id = SLICE("<one@client.example>"),
                               .recipients = SLICE("bob@x.example;\"odd, name\"@x.example"),
                               .sender = SLICE("alice@x.example")};
    assert_true(log_append_row(out, LOG_MESSAGE_TRACKING, &row));
    return slice_first(text_slice(out), out->len - 2);
}

static bool takes(const struct tracking_filter *filter, struct slice line)
{
    char storage[SCRATCH_BYTES];
    struct text scratch = text_over(storage, sizeof storage);
    struct slice fields[LOG_COLUMNS_MAX];
    return tracking_filter_takes(filter, line, &scratch, fields);
}

static void rows_are_taken_by_what_they_say(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(LOG_ROW_MAX);
    struct slice line = a_row(&text);
    static const struct {
        const char *name, *sender, *message_id, *event, *recipient;
        bool taken;
    } rows[] = {
        {"nothing asked", NULL, NULL, NULL, NULL, true},
        {"sender", "ALICE@x.example", NULL, NULL, NULL, true},
        {"part of a sender", "alice@x", NULL, NULL, NULL, false},
        {"id without brackets", NULL, "one@client.example", NULL, NULL, true},
        {"id with brackets", NULL, "<one@client.example>", NULL, NULL, true},
        {"another id", NULL, "<two@client.example>", NULL, NULL, false},
        {"event", NULL, NULL, "deliver", NULL, true},
        {"another event", NULL, NULL, "FAIL", NULL, false},
        {"first recipient", NULL, NULL, NULL, "Bob@x.example", true},
        {"second recipient", NULL, NULL, NULL, "\"odd, name\"@x.example", true},
        {"part of a recipient", NULL, NULL, NULL, "ob@x.example", false},
        {"all", "alice@x.example", "one@client.example", "DELIVER", "bob@x.example", true},
        {"all but one", "carol@x.example", "one@client.example", "DELIVER", "bob@x.example", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice recipient = slice_of(rows[i].recipient);
        struct tracking_filter filter = {.sender = slice_of(rows[i].sender),
                                         .message_id = slice_of(rows[i].message_id),
                                         .event = slice_of(rows[i].event),
                                         .recipients = &recipient,
                                         .recipient_count = recipient.len ? 1 : 0};
        tracking_filter_between(&filter, INT64_MIN, INT64_MAX);
        row_expect(rows[i].name, "taken", takes(&filter, line), rows[i].taken);
    }
    text_deinit(&text);
}

static void rows_are_taken_by_where_they_come_from(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(LOG_ROW_MAX);
    struct slice line = a_row(&text);
    static const struct {
        const char *name, *source, *subject, *connector, *internal_id, *reference;
        bool taken;
    } rows[] = {
        {"source", "StoreDriver", NULL, NULL, NULL, NULL, true},
        {"another source", "SMTP", NULL, NULL, NULL, NULL, false},
        {"a word of the subject", NULL, "invoice 4711", NULL, NULL, NULL, true},
        {"its end", NULL, "OVERDUE", NULL, NULL, NULL, true},
        {"more than the subject", NULL, "Invoice 4711, overdue!", NULL, NULL, NULL, false},
        {"the connector's identity", NULL, NULL, "mx1\\default frontend mx1", NULL, NULL, true},
        {"its name", NULL, NULL, "Default Frontend MX1", NULL, NULL, true},
        {"part of its name", NULL, NULL, "Default", NULL, NULL, false},
        {"number", NULL, NULL, NULL, "42", NULL, true},
        {"another number", NULL, NULL, NULL, "4", NULL, false},
        {"reference", NULL, NULL, NULL, NULL, "<before@client.example>", true},
        {"another reference", NULL, NULL, NULL, NULL, "<after@client.example>", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tracking_filter filter = {.source = slice_of(rows[i].source),
                                         .subject = slice_of(rows[i].subject),
                                         .connector = slice_of(rows[i].connector),
                                         .internal_id = slice_of(rows[i].internal_id),
                                         .reference = slice_of(rows[i].reference)};
        tracking_filter_between(&filter, INT64_MIN, INT64_MAX);
        row_expect(rows[i].name, "taken", takes(&filter, line), rows[i].taken);
    }
    text_deinit(&text);
}

static void rows_are_taken_by_time(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(LOG_ROW_MAX);
    struct slice line = a_row(&text);
    static const struct {
        const char *name;
        int64_t from_ms, until_ms;
        bool taken;
    } rows[] = {
        {"the very moment", at_ms, at_ms, true},
        {"before", at_ms - 2, at_ms - 1, false},
        {"after", at_ms + 1, at_ms + 2, false},
        {"around", at_ms - 1, at_ms + 1, true},
        {"years away", 0, 1, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tracking_filter filter = {0};
        tracking_filter_between(&filter, rows[i].from_ms, rows[i].until_ms);
        row_expect(rows[i].name, "taken", takes(&filter, line), rows[i].taken);
    }
    text_deinit(&text);
}

static void what_is_no_row_is_left_out(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "#Fields: a,b", "2026-03-03T12:00:00.000Z,too,few",
                                        "2026-03-03T12:00:00.000Z,\"open", "half a row"};
    struct tracking_filter filter = {0};
    tracking_filter_between(&filter, INT64_MIN, INT64_MAX);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        row_expect(lines[i], "taken", takes(&filter, slice_of(lines[i])), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_taken_by_what_they_say),
        cmocka_unit_test(rows_are_taken_by_where_they_come_from),
        cmocka_unit_test(rows_are_taken_by_time),
        cmocka_unit_test(what_is_no_row_is_left_out),
    };
    return cmocka_run_group_tests_name("model/tracking_filter", tests, NULL, NULL);
}
