/* SPDX-License-Identifier: Apache-2.0 */
/* audit_filter: each list alone, by rows as log_append_row writes them. */
#include "model/audit_filter.h"

#include "base/log_row.h"
#include "support/rows.h"

static const struct log_audit run = {
    .at_ms = 1000,
    .identity = SLICE_INIT("00000000-0000-4000-8000-000000000000"),
    .caller = SLICE_INIT("uid 1000 (alice)"),
    .cmdlet = SLICE_INIT("Set-ReceiveConnector"),
    .parameters = SLICE_INIT("{\"Identity\":\"a,\\\"Fqdn\\\":b\",\"Banner\":\"220 x\"}"),
    .object = SLICE_INIT("MX\\Printers, MX\\Scanners"),
    .properties = SLICE_INIT("Banner"),
    .succeeded = SLICE_INIT("True"),
    .server = SLICE_INIT("MX"),
};

static const struct {
    const char *name;
    int list; /* -1: none */
    const char *words[2];
    const char *succeeded;
    int64_t from_ms, until_ms;
    bool takes;
} rows[] = {
    {"nothing is asked", -1, {0}, "", 0, 2000, true},
    {"its first moment", -1, {0}, "", 1000, 2000, true},
    {"its last moment", -1, {0}, "", 0, 1000, true},
    {"too early", -1, {0}, "", 1001, 2000, false},
    {"too late", -1, {0}, "", 0, 999, false},
    {"the cmdlet", AUDIT_CMDLETS, {"set-receiveconnector"}, "", 0, 2000, true},
    {"one of two cmdlets",
     AUDIT_CMDLETS,
     {"New-Mailbox", "Set-ReceiveConnector"},
     "",
     0,
     2000,
     true},
    {"a part of the cmdlet", AUDIT_CMDLETS, {"Set-Receive"}, "", 0, 2000, false},
    {"the first object", AUDIT_OBJECTS, {"mx\\printers"}, "", 0, 2000, true},
    {"the second object", AUDIT_OBJECTS, {"MX\\Scanners"}, "", 0, 2000, true},
    {"a pattern", AUDIT_OBJECTS, {"*\\scan*"}, "", 0, 2000, true},
    {"another object", AUDIT_OBJECTS, {"MX\\Faxes"}, "", 0, 2000, false},
    {"the caller", AUDIT_CALLERS, {"UID 1000"}, "", 0, 2000, true},
    {"the caller and his label", AUDIT_CALLERS, {"uid 1000 (alice)"}, "", 0, 2000, true},
    {"a part of his number", AUDIT_CALLERS, {"uid 100"}, "", 0, 2000, false},
    {"his label alone", AUDIT_CALLERS, {"alice"}, "", 0, 2000, false},
    {"another caller", AUDIT_CALLERS, {"uid 1"}, "", 0, 2000, false},
    {"a parameter", AUDIT_PARAMETERS, {"banner"}, "", 0, 2000, true},
    {"the first parameter", AUDIT_PARAMETERS, {"Identity"}, "", 0, 2000, true},
    {"a value that looks like one", AUDIT_PARAMETERS, {"Fqdn"}, "", 0, 2000, false},
    {"a value", AUDIT_PARAMETERS, {"220 x"}, "", 0, 2000, false},
    {"it succeeded", -1, {0}, "True", 0, 2000, true},
    {"it did not fail", -1, {0}, "False", 0, 2000, false},
};

static void a_row_is_taken_or_not(void **state)
{
    (void)state;
    char line_storage[2048], scratch_storage[2048];
    struct text line = text_over(line_storage, sizeof line_storage);
    assert_true(log_append_row(&line, LOG_ADMIN_AUDIT, &run));
    struct slice written = slice_first(text_slice(&line), line.len - 2);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text scratch = text_over(scratch_storage, sizeof scratch_storage);
        struct slice words[2], fields[LOG_COLUMNS_MAX];
        struct audit_filter filter = {.succeeded = slice_of(rows[i].succeeded)};
        size_t count = 0;
        while (count < COUNT_OF(words) && rows[i].words[count]) {
            words[count] = slice_of(rows[i].words[count]);
            count++;
        }
        if (rows[i].list >= 0)
            filter.lists[rows[i].list] = (struct slice_list){words, count};
        audit_filter_between(&filter, rows[i].from_ms, rows[i].until_ms);
        row_expect(rows[i].name, "taken", audit_filter_takes(&filter, written, &scratch, fields),
                   rows[i].takes);
    }
}

static void what_is_no_row_is_passed_over(void **state)
{
    (void)state;
    char storage[256];
    struct text scratch = text_over(storage, sizeof storage);
    struct slice fields[LOG_COLUMNS_MAX];
    struct audit_filter filter = {0};
    audit_filter_between(&filter, INT64_MIN, INT64_MAX);
    assert_false(audit_filter_takes(&filter, SLICE("#Fields: date-time"), &scratch, fields));
    assert_false(
        audit_filter_takes(&filter, SLICE("1970-01-01T00:00:01.000Z,x"), &scratch, fields));
    assert_false(audit_filter_takes(&filter, SLICE(""), &scratch, fields));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_taken_or_not),
        cmocka_unit_test(what_is_no_row_is_passed_over),
    };
    return cmocka_run_group_tests_name("audit-filter", tests, NULL, NULL);
}
