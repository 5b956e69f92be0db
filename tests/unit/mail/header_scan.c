/* SPDX-License-Identifier: Apache-2.0 */
/* header_scan: where the section ends, what is remembered, what is removed, nothing else lost, and
 * that cuts do not matter. */
#include "support/rows.h"

#include "base/text.h"
#include "mail/header_scan.h"

#include <string.h>

#define A64 "0123456789012345678901234567890123456789012345678901234567890123"

static const struct slice our_names[] = {SLICE_INIT("mx1.contoso.com"), SLICE_INIT("MX1")};

/* Passes a message through and puts "#" in where fields would be put in. */
static void pass_scan(struct slice message, size_t cut, struct header_scan *scan, struct text *out)
{
    scan->our_names = our_names;
    scan->our_name_count = COUNT_OF(our_names);
    struct slice piece;
    while (message.len) {
        struct slice input = slice_first(message, cut);
        message = slice_after(message, cut);
        enum header_scan_outcome outcome;
        while ((outcome = header_scan_take(scan, &input, &piece)) != HEADER_SCAN_MORE) {
            if (outcome == HEADER_SCAN_END)
                text_append_byte(out, '#');
            text_append(out, piece);
        }
        assert_int_equal(input.len, 0);
    }
    if (header_scan_finish(scan, &piece)) {
        text_append_c(out, scan->open_line ? "_#" : "#");
        text_append(out, piece);
    }
}

static void pass_through(unsigned removes, unsigned promotes, struct slice message, size_t cut,
                         struct header_scan *scan, struct text *out)
{
    *scan = (struct header_scan){.removes = removes, .promotes = promotes};
    pass_scan(message, cut, scan, out);
}

static void pass_without(unsigned families, struct slice message, size_t cut,
                         struct header_scan *scan, struct text *out)
{
    pass_through(families, 0, message, cut, scan, out);
}

static void pass(struct slice message, size_t cut, struct header_scan *scan, struct text *out)
{
    pass_without(0, message, cut, scan, out);
}

static void the_end_is_found(void **state)
{
    (void)state;
    static const struct {
        struct slice message, passed;
        bool blank_line;
        uint64_t header_bytes;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("A: b\r\n\r\nbody\r\n"), SLICE_INIT("A: b\r\n#\r\nbody\r\n"), true, 6},
        {SLICE_INIT("A: b\r\n c\r\n\td\r\nE:\r\n\r\n"), SLICE_INIT("A: b\r\n c\r\n\td\r\nE:\r\n#\r\n"), true, 18},
        {SLICE_INIT("\r\nbody"), SLICE_INIT("#\r\nbody"), true, 0},
        {SLICE_INIT("no field\r\nA: b\r\n\r\n"), SLICE_INIT("#no field\r\nA: b\r\n\r\n"), false, 0},
        {SLICE_INIT("A: b\r\nno field\r\nA: b\r\n"), SLICE_INIT("A: b\r\n#no field\r\nA: b\r\n"), false, 6},
        {SLICE_INIT(" folded first\r\nA: b\r\n"), SLICE_INIT("# folded first\r\nA: b\r\n"), false, 0},
        {SLICE_INIT("A \t: b\r\n\r\n"), SLICE_INIT("A \t: b\r\n#\r\n"), true, 8},
        {SLICE_INIT("A x: b\r\n\r\n"), SLICE_INIT("#A x: b\r\n\r\n"), false, 0},
        {SLICE_INIT(": b\r\n\r\n"), SLICE_INIT("#: b\r\n\r\n"), false, 0},
        {SLICE_INIT("A: b\r\n: b\r\n\r\n"), SLICE_INIT("A: b\r\n#: b\r\n\r\n"), false, 6},
        {SLICE_INIT("A: b\r\n\rx\r\n"), SLICE_INIT("A: b\r\n#\rx\r\n"), false, 6},
        {SLICE_INIT("A: b\n\nC: d\r\n\r\n"), SLICE_INIT("A: b\n\nC: d\r\n#\r\n"), true, 12},
        {SLICE_INIT("A\x80: b\r\n\r\n"), SLICE_INIT("#A\x80: b\r\n\r\n"), false, 0},
        {SLICE_INIT("A: b\r\n"), SLICE_INIT("A: b\r\n#"), false, 6},
        {SLICE_INIT("A: b"), SLICE_INIT("A: b_#"), false, 4},
        {SLICE_INIT("A: b\r"), SLICE_INIT("A: b\r_#"), false, 5},
        {SLICE_INIT("A: b\r\nTex"), SLICE_INIT("A: b\r\n#Tex"), false, 6},
        {SLICE_INIT("A: b\r\n\r"), SLICE_INIT("A: b\r\n#\r"), false, 6},
        {SLICE_INIT(""), SLICE_INIT("#"), false, 0},
        {SLICE_INIT(A64 A64 ": b\r\n"), SLICE_INIT("#" A64 A64 ": b\r\n"), false, 0},
        {SLICE_INIT(A64 "0123456789012345678901234567890123456789012345678901234567890: b\r\n\r\n"),
         SLICE_INIT(A64 "0123456789012345678901234567890123456789012345678901234567890: b\r\n#\r\n"), true, 130},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 40; cut++) {
            char storage[400];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan;
            const char *name = rows[i].message.at;
            pass(rows[i].message, cut, &scan, &out);
            row_expect_slice(name, text_slice(&out), rows[i].passed);
            row_expect(name, "blank line", scan.blank_line, rows[i].blank_line);
            row_expect(name, "bytes", (long long)scan.header_bytes,
                       (long long)rows[i].header_bytes);
            assert_true(header_scan_ended(&scan));
        }
}

static void fields_are_counted_and_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice message;
        uint32_t received, message_ids, dates, froms, senders;
        const char *message_id, *from, *sender, *subject;
    } rows[] = {
        /* clang-format off */
        {"ordinary", SLICE_INIT("Received: x\r\nRECEIVED: y\r\n\tReceived: z\r\nReceived-SPF: q\r\nMessage-Id: <a@b>\r\n"
                                "date: now\r\nFrom: A <a@b>\r\nSender:\r\n s@b \r\n\r\nFrom: body\r\n"),
         2, 1, 1, 1, 1, "<a@b>", "A <a@b>", "s@b", ""},
        {"folded", SLICE_INIT("Message-ID:\r\n <a@b>\r\nFrom: a@b,\r\n\t c@d\r\n\r\n"), 0, 1, 0, 1, 0, "<a@b>", "a@b,\t c@d", "", ""},
        {"two From", SLICE_INIT("From: a@b\r\nFrom: c@d\r\n\r\n"), 0, 0, 0, 2, 0, "", "a@b", "", ""},
        {"blank before colon", SLICE_INIT("From : a@b\r\n\r\n"), 0, 0, 0, 1, 0, "", "a@b", "", ""},
        {"bare CR within", SLICE_INIT("From: a\rb\r\n\r\n"), 0, 0, 0, 1, 0, "", "a\rb", "", ""},
        {"blank in id", SLICE_INIT("Message-ID: <a b>\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"no brackets", SLICE_INIT("Message-ID: a@b\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"empty id", SLICE_INIT("Message-ID: <>\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"bracket within", SLICE_INIT("Message-ID: <a><b>\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"8 bit id", SLICE_INIT("Message-ID: <\xc3\xbc@b>\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"long id", SLICE_INIT("Message-ID: <" A64 A64 A64 A64 ">\r\n\r\n"), 0, 1, 0, 0, 0, "", "", "", ""},
        {"second id", SLICE_INIT("Message-ID: <a>\r\nMessage-ID: <b>\r\n\r\n"), 0, 2, 0, 0, 0, "<a>", "", "", ""},
        {"subject", SLICE_INIT("Subject:  =?utf-8?q?a?=\r\n b\r\nsubject: second\r\n\r\n"), 0, 0, 0, 0, 0, "", "", "", "=?utf-8?q?a?= b"},
        {"long subject", SLICE_INIT("Subject: " A64 A64 A64 A64 A64 "\r\n\r\n"), 0, 0, 0, 0, 0, "", "", "",
         A64 A64 A64 "012345678901234567890123456789012345678901234567890123456789012"},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 60; cut++) {
            char storage[600];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan;
            const char *name = rows[i].name;
            pass(rows[i].message, cut, &scan, &out);
            row_expect(name, "Received", scan.count[HEADER_SCAN_RECEIVED], rows[i].received);
            row_expect(name, "ids", scan.count[HEADER_SCAN_MESSAGE_ID], rows[i].message_ids);
            row_expect(name, "Date", scan.count[HEADER_SCAN_DATE], rows[i].dates);
            row_expect(name, "From", scan.count[HEADER_SCAN_FROM], rows[i].froms);
            row_expect(name, "Sender", scan.count[HEADER_SCAN_SENDER], rows[i].senders);
            row_expect_slice(name, header_scan_message_id(&scan), slice_of(rows[i].message_id));
            row_expect_slice(name, header_scan_from(&scan), slice_of(rows[i].from));
            row_expect_slice(name, header_scan_sender(&scan), slice_of(rows[i].sender));
            row_expect_slice(name, header_scan_subject(&scan), slice_of(rows[i].subject));
        }
}

/* RFC 8689 3 */
static void tls_may_be_declared_optional(void **state)
{
    (void)state;
    static const struct {
        struct slice message;
        bool optional;
    } rows[] = {
        {SLICE_INIT("TLS-Required: No\r\n\r\n"), true},
        {SLICE_INIT("A: b\r\ntls-required:\r\n NO\r\n\r\nbody"), true},
        {SLICE_INIT("TLS-Required: No"), true},
        {SLICE_INIT("TLS-Required: Yes\r\n\r\n"), false},
        {SLICE_INIT("TLS-Required:\r\n\r\n"), false},
        {SLICE_INIT("TLS-Required: Nooooooooo\r\n\r\n"), false},
        {SLICE_INIT("TLS-Required: No      x\r\n\r\n"), false},
        {SLICE_INIT("TLS-Required: No\r\nTLS-Required: No\r\n\r\n"), false},
        {SLICE_INIT("A: b\r\n\r\nTLS-Required: No\r\n"), false},
        {SLICE_INIT(""), false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 40; cut++) {
            char storage[200];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan;
            pass(rows[i].message, cut, &scan, &out);
            row_expect(rows[i].message.at, "optional", header_scan_tls_is_optional(&scan),
                       rows[i].optional);
        }
}

static void fields_of_families_are_removed_and_still_counted(void **state)
{
    (void)state;
    enum {
        ROUTING = HEADER_FAMILY_ROUTING,
        ORGANIZATION = HEADER_FAMILY_ORGANIZATION,
        FOREST = HEADER_FAMILY_FOREST
    };
    static const struct {
        const char *name;
        unsigned removes;
        struct slice message, passed;
        uint32_t received;
        uint64_t header_bytes;
    } rows[] = {
        /* clang-format off */
        {"nothing", 0, SLICE_INIT("Received: x\r\nResent-To: y\r\n\r\nb"), SLICE_INIT("Received: x\r\nResent-To: y\r\n#\r\nb"), 1, 27},
        {"routing", ROUTING, SLICE_INIT("Received: x\r\nA: b\r\nresent-From: y\r\nRECEIVED : z\r\nReceived-SPF: q\r\n\r\n"),
         SLICE_INIT("A: b\r\nReceived-SPF: q\r\n#\r\n"), 2, 66},
        {"folded", ROUTING, SLICE_INIT("Received: x\r\n by y\r\n\tReceived: z\r\nA: b\r\n c\r\n\r\n"), SLICE_INIT("A: b\r\n c\r\n#\r\n"), 1, 44},
        {"only such", ROUTING, SLICE_INIT("Received: x\r\n\r\nReceived: body\r\n"), SLICE_INIT("#\r\nReceived: body\r\n"), 1, 13},
        {"never in the body", ROUTING, SLICE_INIT("A: b\r\n\r\nReceived: x\r\nResent-To: y\r\n"), SLICE_INIT("A: b\r\n#\r\nReceived: x\r\nResent-To: y\r\n"), 0, 6},
        {"behind no field", ROUTING, SLICE_INIT("A: b\r\nno field\r\nReceived: x\r\n"), SLICE_INIT("A: b\r\n#no field\r\nReceived: x\r\n"), 0, 6},
        {"organization", ORGANIZATION, SLICE_INIT("X-MS-Exchange-Organization-SCL: -1\r\nx-ms-exchange-organization-:\r\n y\r\nX-MS-Exchange-Forest-A: b\r\nX-MS-Exchange-OrganizationX: c\r\n\r\n"),
         SLICE_INIT("X-MS-Exchange-Forest-A: b\r\nX-MS-Exchange-OrganizationX: c\r\n#\r\n"), 0, 129},
        {"forest", FOREST, SLICE_INIT("X-MS-Exchange-Forest-A: b\r\nX-MS-Exchange-Organization-B: c\r\n\r\n"), SLICE_INIT("X-MS-Exchange-Organization-B: c\r\n#\r\n"), 0, 60},
        {"ends within", ORGANIZATION | FOREST, SLICE_INIT("A: b\r\nX-MS-Exchange-Forest-A: b"), SLICE_INIT("A: b\r\n#"), 0, 31},
        {"all", ROUTING | ORGANIZATION | FOREST, SLICE_INIT("Received: a\r\nX-MS-Exchange-Forest-A: b\r\nFrom: c@d\r\n"), SLICE_INIT("From: c@d\r\n#"), 1, 51},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 80; cut++) {
            char storage[400];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan;
            pass_without(rows[i].removes, rows[i].message, cut, &scan, &out);
            row_expect_slice(rows[i].name, text_slice(&out), rows[i].passed);
            row_expect(rows[i].name, "Received", scan.count[HEADER_SCAN_RECEIVED],
                       rows[i].received);
            row_expect(rows[i].name, "bytes", (long long)scan.header_bytes,
                       (long long)rows[i].header_bytes);
        }
}

static void fields_that_crossed_premises_are_promoted(void **state)
{
    (void)state;
    enum { ORGANIZATION = HEADER_FAMILY_ORGANIZATION, CROSS = HEADER_FAMILY_CROSS_PREMISES };
    static const struct {
        const char *name;
        unsigned removes, promotes;
        struct slice message, passed;
    } rows[] = {
        /* clang-format off */
        {"promoted", 0, CROSS, SLICE_INIT("X-MS-Exchange-CrossPremises-AuthAs: Internal\r\nA: b\r\n\r\nb"), SLICE_INIT("X-MS-Exchange-Organization-AuthAs: Internal\r\nA: b\r\n#\r\nb")},
        {"any case, folded", 0, CROSS, SLICE_INIT("x-ms-exchange-CROSSPREMISES-scl :\r\n -1\r\n\r\n"), SLICE_INIT("X-MS-Exchange-Organization-scl :\r\n -1\r\n#\r\n")},
        {"in the place of the old one", ORGANIZATION, CROSS, SLICE_INIT("X-MS-Exchange-Organization-SCL: 9\r\n 9\r\nX-MS-Exchange-CrossPremises-SCL: -1\r\n\r\n"),
         SLICE_INIT("X-MS-Exchange-Organization-SCL: -1\r\n#\r\n")},
        {"another name", 0, CROSS, SLICE_INIT("X-MS-Exchange-CrossPremises: x\r\nX-X-MS-Exchange-CrossPremises-A: y\r\n\r\n"),
         SLICE_INIT("X-MS-Exchange-CrossPremises: x\r\nX-X-MS-Exchange-CrossPremises-A: y\r\n#\r\n")},
        {"not in the body", 0, CROSS, SLICE_INIT("\r\nX-MS-Exchange-CrossPremises-A: b\r\n"), SLICE_INIT("#\r\nX-MS-Exchange-CrossPremises-A: b\r\n")},
        {"of a stranger", CROSS, 0, SLICE_INIT("X-MS-Exchange-CrossPremises-A: b\r\n c\r\nD: e\r\n\r\n"), SLICE_INIT("D: e\r\n#\r\n")},
        {"removed wins", CROSS, CROSS, SLICE_INIT("X-MS-Exchange-CrossPremises-A: b\r\n\r\n"), SLICE_INIT("#\r\n")},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 80; cut++) {
            char storage[400];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan;
            pass_through(rows[i].removes, rows[i].promotes, rows[i].message, cut, &scan, &out);
            row_expect_slice(rows[i].name, text_slice(&out), rows[i].passed);
        }
}

static void fields_of_the_organization_cross_premises(void **state)
{
    (void)state;
    enum {
        ORGANIZATION = HEADER_FAMILY_ORGANIZATION,
        OTHERS = HEADER_FAMILY_FOREST | HEADER_FAMILY_CROSS_PREMISES
    };
    static const struct {
        const char *name;
        unsigned removes;
        struct slice message, passed;
    } rows[] = {
        /* clang-format off */
        {"renamed", 0, SLICE_INIT("X-MS-Exchange-Organization-AuthAs: Internal\r\nA: b\r\n\r\nb"), SLICE_INIT("X-MS-Exchange-CrossPremises-AuthAs: Internal\r\nA: b\r\n#\r\nb")},
        {"even so", ORGANIZATION, SLICE_INIT("X-MS-Exchange-Organization-AuthAs: Internal\r\n\r\nb"), SLICE_INIT("X-MS-Exchange-CrossPremises-AuthAs: Internal\r\n#\r\nb")},
        {"any case, folded", 0, SLICE_INIT("x-ms-exchange-ORGANIZATION-scl :\r\n -1\r\n\r\n"), SLICE_INIT("X-MS-Exchange-CrossPremises-scl :\r\n -1\r\n#\r\n")},
        {"in the place of the old one", OTHERS, SLICE_INIT("X-MS-Exchange-CrossPremises-SCL: 9\r\n 9\r\nX-MS-Exchange-Organization-SCL: -1\r\nX-MS-Exchange-Forest-A: b\r\n\r\n"),
         SLICE_INIT("X-MS-Exchange-CrossPremises-SCL: -1\r\n#\r\n")},
        {"another name", 0, SLICE_INIT("X-MS-Exchange-Organization: x\r\n\r\n"), SLICE_INIT("X-MS-Exchange-Organization: x\r\n#\r\n")},
        {"not in the body", 0, SLICE_INIT("\r\nX-MS-Exchange-Organization-A: b\r\n"), SLICE_INIT("#\r\nX-MS-Exchange-Organization-A: b\r\n")},
        {"the longest", 0, SLICE_INIT("X-MS-Exchange-Organization-" A64 "012345678901234567890123456789012345:\r\n\r\n"),
         SLICE_INIT("X-MS-Exchange-CrossPremises-" A64 "012345678901234567890123456789012345:\r\n#\r\n")},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 140; cut++) {
            char storage[400];
            struct text out = text_over(storage, sizeof storage);
            struct header_scan scan = {.removes = rows[i].removes, .demotes = ORGANIZATION};
            pass_scan(rows[i].message, cut, &scan, &out);
            row_expect_slice(rows[i].name, text_slice(&out), rows[i].passed);
        }
}

static void hops_of_this_server_and_bare_bytes_are_seen(void **state)
{
    (void)state;
    static const struct {
        struct slice message;
        uint32_t local_hops;
        bool bare_byte;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("Received: from a by mx1.contoso.com; now\r\nReceived: from b\r\n\tby MX1 with SMTP\r\nReceived: from mx1 by c\r\n\r\nReceived: from d by mx1\r\n"), 2, false},
        {SLICE_INIT("X-Received: from a by mx1\r\nReceived: by mx1"), 1, false},
        {SLICE_INIT("Received: by mx1\r\n\r\n"), 1, false},
        {SLICE_INIT("A: b\nc\r\n\r\n"), 0, true},
        {SLICE_INIT("A: b\rc\r\n\r\n"), 0, true},
        {SLICE_INIT("A: b\0\r\n\r\n"), 0, true},
        {SLICE_INIT("A: b\r"), 0, true},
        {SLICE_INIT("A: b\r\n\r\n\n\r\0"), 0, false},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t removes = 0; removes <= HEADER_FAMILY_ROUTING; removes++)
            for (size_t cut = 1; cut <= 80; cut++) {
                char storage[400];
                struct text out = text_over(storage, sizeof storage);
                struct header_scan scan;
                pass_without((unsigned)removes, rows[i].message, cut, &scan, &out);
                row_expect(rows[i].message.at, "local hops", scan.local_hops, rows[i].local_hops);
                row_expect(rows[i].message.at, "bare byte", scan.bare_byte, rows[i].bare_byte);
            }
}

static void a_long_from_is_cut_and_says_so(void **state)
{
    (void)state;
    char message[2000] = "From: ";
    struct header_scan scan = {0};
    memset(message + 6, 'a', sizeof message - 6);
    struct slice input = {message, 6 + HEADER_SCAN_FROM_MAX};
    struct slice piece;
    while (header_scan_take(&scan, &input, &piece) != HEADER_SCAN_MORE)
        ;
    assert_false(scan.from_cut);
    input = SLICE("b");
    assert_int_equal(header_scan_take(&scan, &input, &piece), HEADER_SCAN_PIECE);
    assert_true(scan.from_cut);
    assert_int_equal(header_scan_from(&scan).len, HEADER_SCAN_FROM_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_found),
        cmocka_unit_test(fields_are_counted_and_remembered),
        cmocka_unit_test(tls_may_be_declared_optional),
        cmocka_unit_test(fields_of_families_are_removed_and_still_counted),
        cmocka_unit_test(fields_that_crossed_premises_are_promoted),
        cmocka_unit_test(fields_of_the_organization_cross_premises),
        cmocka_unit_test(hops_of_this_server_and_bare_bytes_are_seen),
        cmocka_unit_test(a_long_from_is_cut_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
