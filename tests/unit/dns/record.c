/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages, good and bad, by the byte. */
#include "support/rows.h"

#include "dns/name.h"
#include "dns/record.h"

/* The question is for a.x, which stands at byte 12; x stands at 14. */
#define MESSAGE(answers, authority, type)                                                          \
    "\0\1\x81\x80\0\1\0" answers "\0" authority "\0\0"                                             \
    "\1A\1x\0\0" type "\0\1"
#define OWNER "\xc0\x0c"
#define X "\xc0\x0e"
#define TYPE(type, ttl) "\0" type "\0\1" ttl
#define HOUR "\0\0\x0e\x10"
#define MINUTE "\0\0\0\x3c"

#define A "\x01"
#define CNAME "\x05"
#define SOA "\x06"
#define PTR "\x0c"
#define MX "\x0f"
#define TXT "\x10"
#define AAAA "\x1c"
#define TLSA "\x34"

/* clang-format off */
static const struct row {
    const char *name;
    enum dns_type type;
    struct slice packet;
    const char *expected; /* NULL: malformed */
} rows[] = {
    {"address", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(A, HOUR) "\0\4\xc0\0\2\1"), "a.x 3600: 192.0.2.1;"},
    {"two addresses, the lesser time", DNS_A, SLICE_INIT(MESSAGE("\2", "\0", A) OWNER TYPE(A, HOUR) "\0\4\xc0\0\2\1"
        OWNER TYPE(A, MINUTE) "\0\4\xc0\0\2\2"), "a.x 60: 192.0.2.1; 192.0.2.2;"},
    {"a time with the highest bit is none", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(A, "\x80\0\0\0") "\0\4\xc0\0\2\1"),
        "a.x 0: 192.0.2.1;"},
    {"a time beyond belief", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(A, "\x7f\0\0\0") "\0\4\xc0\0\2\1"),
        "a.x 604800: 192.0.2.1;"},
    {"IPv6", DNS_AAAA, SLICE_INIT(MESSAGE("\1", "\0", AAAA) OWNER TYPE(AAAA, HOUR) "\0\x10\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
        "a.x 3600: 2001:db8::1;"},
    {"MX", DNS_MX, SLICE_INIT(MESSAGE("\1", "\0", MX) OWNER TYPE(MX, HOUR) "\0\6\0\xa\1M" X), "a.x 3600: 10 m.x;"},
    {"null MX", DNS_MX, SLICE_INIT(MESSAGE("\1", "\0", MX) OWNER TYPE(MX, HOUR) "\0\3\0\0\0"), "a.x 3600: 0 .;"},
    {"alias first", DNS_A, SLICE_INIT(MESSAGE("\2", "\0", A) OWNER TYPE(CNAME, MINUTE) "\0\4\1b" X
        "\1b\1x\0" TYPE(A, HOUR) "\0\4\xc0\0\2\1"), "b.x 60: 192.0.2.1;"},
    {"alias last", DNS_A, SLICE_INIT(MESSAGE("\2", "\0", A) "\1b\1x\0" TYPE(A, HOUR) "\0\4\xc0\0\2\1"
        OWNER TYPE(CNAME, HOUR) "\0\4\1b" X), "b.x 3600: 192.0.2.1;"},
    {"alias asked for", DNS_CNAME, SLICE_INIT(MESSAGE("\1", "\0", CNAME) OWNER TYPE(CNAME, HOUR) "\0\4\1b" X), "a.x 3600: b.x;"},
    {"alias of itself", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(CNAME, HOUR) "\0\2" OWNER), NULL},
    {"another's record", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) X TYPE(A, HOUR) "\0\4\xc0\0\2\1"), "a.x 0:"},
    {"another kind's record", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(TXT, HOUR) "\0\2\1x"), "a.x 0:"},
    {"nothing, for as long as the SOA says", DNS_A, SLICE_INIT(MESSAGE("\0", "\1", A) X TYPE(SOA, HOUR)
        "\0\x16\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\x1e"), "a.x 30:"},
    {"SOA cut short counts for nothing", DNS_A, SLICE_INIT(MESSAGE("\0", "\1", A) X TYPE(SOA, HOUR) "\0\2\0\0"), "a.x 0:"},
    {"TXT of two strings", DNS_TXT, SLICE_INIT(MESSAGE("\1", "\0", TXT) OWNER TYPE(TXT, HOUR) "\0\5\2ab\1c"), "a.x 3600: abc;"},
    {"TXT of an empty string", DNS_TXT, SLICE_INIT(MESSAGE("\1", "\0", TXT) OWNER TYPE(TXT, HOUR) "\0\1\0"), "a.x 3600: ;"},
    {"TXT of nothing", DNS_TXT, SLICE_INIT(MESSAGE("\1", "\0", TXT) OWNER TYPE(TXT, HOUR) "\0\0"), NULL},
    {"TXT whose string goes on", DNS_TXT, SLICE_INIT(MESSAGE("\1", "\0", TXT) OWNER TYPE(TXT, HOUR) "\0\2\2a"), NULL},
    {"PTR", DNS_PTR, SLICE_INIT(MESSAGE("\1", "\0", PTR) OWNER TYPE(PTR, HOUR) "\0\4\1P" X), "a.x 3600: p.x;"},
    {"TLSA", DNS_TLSA, SLICE_INIT(MESSAGE("\1", "\0", TLSA) OWNER TYPE(TLSA, HOUR) "\0\5\3\1\1zz"), "a.x 3600: 3/1/1 zz;"},
    {"TLSA without data", DNS_TLSA, SLICE_INIT(MESSAGE("\1", "\0", TLSA) OWNER TYPE(TLSA, HOUR) "\0\3\3\1\1"), "a.x 3600: 3/1/1 ;"},
    {"TLSA cut short", DNS_TLSA, SLICE_INIT(MESSAGE("\1", "\0", TLSA) OWNER TYPE(TLSA, HOUR) "\0\2\3\1"), NULL},
    {"bytes of a name that are no letters", DNS_PTR, SLICE_INIT(MESSAGE("\1", "\0", PTR) OWNER TYPE(PTR, HOUR) "\0\7\4.\\\n\xff" X),
        "a.x 3600: \\046\\092\\010\\255.x;"},
    {"address of five bytes", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(A, HOUR) "\0\5\xc0\0\2\1\1"), NULL},
    {"MX with more behind its name", DNS_MX, SLICE_INIT(MESSAGE("\1", "\0", MX) OWNER TYPE(MX, HOUR) "\0\7\0\xa\1m" X "\0"), NULL},
    {"MX whose name goes on behind it", DNS_MX, SLICE_INIT(MESSAGE("\1", "\0", MX) OWNER TYPE(MX, HOUR) "\0\4\0\xa\1m" X), NULL},
    {"a record that is not there", DNS_A, SLICE_INIT(MESSAGE("\2", "\0", A) OWNER TYPE(A, HOUR) "\0\4\xc0\0\2\1"), NULL},
    {"data that is not there", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) OWNER TYPE(A, HOUR) "\0\4\xc0\0\2"), NULL},
    {"a pointer to itself", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) "\xc0\x15" TYPE(A, HOUR) "\0\4\xc0\0\2\1"), NULL},
    {"a pointer forward", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) "\xc0\x30" TYPE(A, HOUR) "\0\4\xc0\0\2\1"), NULL},
    {"a pointer forward, to a good name", DNS_PTR, SLICE_INIT(MESSAGE("\1", "\0", PTR) "\xc0\x21" TYPE(PTR, HOUR) "\0\5\1a\1x\0"), NULL},
    {"a label of a kind that never was", DNS_A, SLICE_INIT(MESSAGE("\1", "\0", A) "\x40\0" TYPE(A, HOUR) "\0\4\xc0\0\2\1"), NULL},
    {"another question", DNS_A, SLICE_INIT(MESSAGE("\0", "\0", MX)), NULL},
    {"no answer but a question", DNS_A, SLICE_INIT("\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"), NULL},
    {"two questions", DNS_A, SLICE_INIT("\0\1\x81\x80\0\2\0\0\0\0\0\0\1a\0\0\1\0\1\1a\0\0\1\0\1"), NULL},
    {"no such name", DNS_A, SLICE_INIT("\0\1\x81\x83\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"), "(3) a 0:"},
    {"a header cut short", DNS_A, SLICE_INIT("\0\1\x81\x80\0\1\0\0\0\0\0"), NULL},
    {"nothing", DNS_A, SLICE_INIT(""), NULL},
};
/* clang-format on */

static void print_record(struct text *line, enum dns_type type, const struct dns_record *record)
{
    text_append_byte(line, ' ');
    if (type == DNS_A || type == DNS_AAAA)
        ip_append(line, record->address);
    if (type == DNS_MX)
        text_append_format(line, "%u ", record->preference);
    if (type == DNS_TLSA)
        text_append_format(line, "%u/%u/%u ", record->usage, record->selector, record->matching);
    text_append(line, record->host);
    text_append(line, record->data);
    text_append_byte(line, ';');
}

static void messages_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(DNS_ANSWER_ARENA_MAX);
        struct dns_answer answer;
        char storage[256];
        struct text line = text_over(storage, sizeof storage);
        enum dns_read_outcome read = dns_answer_read(rows[i].packet, rows[i].type, &arena, &answer);
        row_expect(rows[i].name, "outcome", read,
                   rows[i].expected ? DNS_READ_OK : DNS_READ_MALFORMED);
        if (read != DNS_READ_OK)
            continue;
        if (answer.rcode)
            text_append_format(&line, "(%u) ", answer.rcode);
        text_append(&line, answer.canonical_name);
        text_append_format(&line, " %u:", answer.ttl_s);
        for (size_t j = 0; j < answer.count; j++)
            print_record(&line, rows[i].type, &answer.records[j]);
        row_expect_slice(rows[i].name, text_slice(&line), slice_of(rows[i].expected));
    }
}

static void what_is_cut_short_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        /* Counts say what must be there: without its last byte no good message is one. */
        struct slice packet = rows[i].packet;
        if (!rows[i].expected || slice_equal(slice_of(rows[i].name), SLICE("no such name")))
            continue;
        for (size_t len = 0; len < packet.len; len++) {
            CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(DNS_ANSWER_ARENA_MAX);
            struct dns_answer answer;
            row_expect(rows[i].name, "outcome",
                       dns_answer_read(slice_first(packet, len), rows[i].type, &arena, &answer),
                       DNS_READ_MALFORMED);
        }
    }
}

static void the_excess_is_left_out(void **state)
{
    static const char record[] = OWNER TYPE(A, HOUR) "\0\4\xc0\0\2\1";
    CLEANUP(text_deinit) struct text packet = text_with_ceiling(UINT16_MAX);
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(DNS_ANSWER_ARENA_MAX);
    struct dns_answer answer;
    (void)state;
    text_append(&packet, SLICE(MESSAGE("\0", "\0", A)));
    packet.at[6] = (DNS_RECORDS_MAX + 1) >> 8;
    packet.at[7] = (DNS_RECORDS_MAX + 1) & 0xff;
    for (size_t i = 0; i <= DNS_RECORDS_MAX; i++)
        text_append(&packet, slice_bytes(record, sizeof record - 1));
    assert_int_equal(dns_answer_read(text_slice(&packet), DNS_A, &arena, &answer), DNS_READ_OK);
    assert_int_equal(answer.count, DNS_RECORDS_MAX);
    assert_true(answer.cut);
    struct arena small = arena_with_ceiling(64);
    assert_int_equal(dns_answer_read(text_slice(&packet), DNS_A, &small, &answer),
                     DNS_READ_NO_MEMORY);
    arena_deinit(&small);
}

static void names_have_an_end(void **state)
{
    CLEANUP(text_deinit) struct text packet = text_with_ceiling(512);
    CLEANUP(text_deinit) struct text name = text_with_ceiling(DNS_NAME_TEXT_MAX);
    size_t at = 0;
    (void)state;
    for (size_t i = 0; i < 127; i++) /* with the root's byte: 255 */
        text_append(&packet, SLICE("\1a"));
    text_append_byte(&packet, 0);
    assert_true(dns_name_read(text_slice(&packet), &at, &name));
    assert_int_equal(at, DNS_NAME_WIRE_MAX);
    assert_int_equal(name.len, 253);
    packet.len--;
    text_append(&packet, SLICE("\1a\0"));
    at = 0;
    text_clear(&name);
    assert_false(dns_name_read(text_slice(&packet), &at, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_read),
        cmocka_unit_test(what_is_cut_short_is_malformed),
        cmocka_unit_test(the_excess_is_left_out),
        cmocka_unit_test(names_have_an_end),
    };
    return cmocka_run_group_tests_name("dns/record", tests, NULL, NULL);
}
