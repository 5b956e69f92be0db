/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_header: where a connection behind a load balancer really comes from. */
#include "smtp/proxy_header.h"
#include "base/attributes.h"
#include "support/rows.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define ROW(name, bytes, outcome, shown)                                                           \
    {                                                                                              \
        name, SLICE_INIT(bytes), outcome, shown                                                    \
    }

/* `shown`: source, destination, and what is left behind the header. */
static const struct row {
    const char *name;
    struct slice input;
    enum proxy_outcome outcome;
    const char *shown;
} rows[] = {
    /* clang-format off */
    ROW("IPv4", "PROXY TCP4 192.0.2.1 198.51.100.7 56324 25\r\nEHLO a\r\n", PROXY_DONE, "192.0.2.1:56324 198.51.100.7:25 [EHLO a\r\n]"),
    ROW("IPv4 on a socket for both", "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1 25\r\n", PROXY_DONE, "192.0.2.1:1 192.0.2.2:25 []"),
    ROW("IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 1 587\r\n", PROXY_DONE, "[2001:db8::1]:1 [2001:db8::2]:587 []"),
    ROW("unknown", "PROXY UNKNOWN\r\nx", PROXY_DONE, "local [x]"),
    ROW("unknown with more", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", PROXY_DONE, "local []"),
    ROW("nothing yet", "", PROXY_MORE, ""),
    ROW("half a word", "PRO", PROXY_MORE, ""),
    ROW("half a line", "PROXY TCP4 192.0.2.1", PROXY_MORE, ""),
    ROW("CR without LF yet", "PROXY UNKNOWN\r", PROXY_MORE, ""),
    ROW("LF alone", "PROXY UNKNOWN\n", PROXY_BAD, ""),
    ROW("another word", "EHLO client\r\n", PROXY_BAD, ""),
    ROW("lower case", "proxy UNKNOWN\r\n", PROXY_BAD, ""),
    ROW("unknown, with a tail", "PROXY UNKNOWNX\r\n", PROXY_BAD, ""),
    ROW("UDP", "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", PROXY_BAD, ""),
    ROW("wrong family", "PROXY TCP4 2001:db8::1 192.0.2.2 1 2\r\n", PROXY_BAD, ""),
    ROW("IPv6 without a colon", "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", PROXY_BAD, ""),
    ROW("mapped IPv4 called IPv4", "PROXY TCP4 ::ffff:192.0.2.1 192.0.2.2 1 2\r\n", PROXY_BAD, ""),
    ROW("port too large", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", PROXY_BAD, ""),
    ROW("port with a zero in front", "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", PROXY_BAD, ""),
    ROW("two blanks", "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", PROXY_BAD, ""),
    ROW("blank at the end", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", PROXY_BAD, ""),
    ROW("a field too few", "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", PROXY_BAD, ""),
    ROW("too long", "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", PROXY_BAD, ""),
    ROW("version 2, IPv4", V2 "\x21\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0\x19" "EHLO", PROXY_DONE, "192.0.2.1:56324 198.51.100.7:25 [EHLO]"),
    ROW("version 2, IPv6", V2 "\x21\x21\0\x24" "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1" "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\2" "\0\1\2\x4b", PROXY_DONE, "[2001:db8::1]:1 [2001:db8::2]:587 []"),
    ROW("version 2, an addition", V2 "\x21\x11\0\x10\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0\x19" "\4\0\1x" "E", PROXY_DONE, "192.0.2.1:56324 198.51.100.7:25 [E]"),
    ROW("version 2, local", V2 "\x20\0\0\0" "x", PROXY_DONE, "local [x]"),
    ROW("version 2, local with more", V2 "\x20\x11\0\x02" "ab" "x", PROXY_DONE, "local [x]"),
    ROW("half a signature", "\r\n\r\n\0\r", PROXY_MORE, ""),
    ROW("a signature alone", V2, PROXY_MORE, ""),
    ROW("version 2, addresses to come", V2 "\x21\x11\0\x0c\xc0\0\2", PROXY_MORE, ""),
    ROW("version 3", V2 "\x31\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0\x19", PROXY_BAD, ""),
    ROW("another command", V2 "\x22\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0\x19", PROXY_BAD, ""),
    ROW("UDP over IPv4", V2 "\x21\x12\0\x0c\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0\x19", PROXY_BAD, ""),
    ROW("a UNIX socket", V2 "\x21\x31\0\0", PROXY_BAD, ""),
    ROW("too few addresses", V2 "\x21\x11\0\x0b\xc0\0\2\1\xc6\x33\x64\7\xdc\4\0", PROXY_BAD, ""),
    ROW("longer than anybody needs", V2 "\x21\x11\xff\xff", PROXY_BAD, ""),
    ROW("almost a signature", "\r\n\r\n\0\r\nQUIX", PROXY_BAD, ""),
    /* clang-format on */
};

static void show(const struct proxy_header *header, struct slice rest, struct text *text)
{
    if (header->local) {
        text_append_c(text, "local");
    } else {
        ip_endpoint_append(text, header->source);
        text_append_byte(text, ' ');
        ip_endpoint_append(text, header->destination);
    }
    text_append_format(text, " [%.*s]", SLICE_ARG(rest));
}

static void headers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[256];
        struct text text = text_over(storage, sizeof storage);
        struct slice input = rows[i].input;
        struct proxy_header header;
        enum proxy_outcome outcome = proxy_header_take(&input, &header);
        row_expect(rows[i].name, "outcome", outcome, rows[i].outcome);
        if (outcome == PROXY_DONE)
            show(&header, input, &text);
        else
            row_expect(rows[i].name, "left", (long long)input.len, (long long)rows[i].input.len);
        row_expect_slice(rows[i].name, text_slice(&text), slice_of(rows[i].shown));
    }
}

/* However the bytes come, a header that is good in the end is never called bad on the way. */
static void a_beginning_asks_for_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice whole = rows[i].input;
        struct proxy_header header;
        if (proxy_header_take(&whole, &header) != PROXY_DONE)
            continue;
        size_t header_len = rows[i].input.len - whole.len;
        for (size_t len = 0; len < header_len; len++) {
            struct slice piece = slice_first(rows[i].input, len);
            row_expect(rows[i].name, "of a beginning", proxy_header_take(&piece, &header),
                       PROXY_MORE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(a_beginning_asks_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
