/* SPDX-License-Identifier: Apache-2.0 */
/* Names of certificates: DER, distinguished names both ways, host names. */
#include "base/hex.h"
#include "support/rows.h"
#include "tls/der.h"
#include "tls/distinguished_name.h"
#include "tls/host_name.h"

#include <string.h>

#define CN "\x55\x04\x03"
#define SN "\x55\x04\x04"
#define SERIAL "\x55\x04\x05"
#define C "\x55\x04\x06"
#define L "\x55\x04\x07"
#define S "\x55\x04\x08"
#define STREET "\x55\x04\x09"
#define O "\x55\x04\x0a"
#define OU "\x55\x04\x0b"
#define T "\x55\x04\x0c"
#define G "\x55\x04\x2a"
#define I "\x55\x04\x2b"
#define BUSINESS "\x55\x04\x0f"
#define POSTAL "\x55\x04\x11"
#define EMAIL "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"
#define DC "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"
#define UID "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"
#define JURISDICTION "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03"
#define TEXT(o, v)                                                                                 \
    {                                                                                              \
        SLICE_INIT(o), DER_UTF8_STRING, SLICE_INIT(v), false                                       \
    }
#define TYPED(o, t, v)                                                                             \
    {                                                                                              \
        SLICE_INIT(o), t, SLICE_INIT(v), false                                                     \
    }
#define PLUS(o, v)                                                                                 \
    {                                                                                              \
        SLICE_INIT(o), DER_UTF8_STRING, SLICE_INIT(v), true                                        \
    } /* same RDN */

enum { ATTRIBUTES_MAX = 6, NAME_MAX_BYTES = 4096 };

struct attribute {
    struct slice object_id;
    uint8_t tag;
    struct slice value;
    bool joined;
};

static const struct name_row {
    const char *printed;
    struct attribute attributes[ATTRIBUTES_MAX]; /* in the order of the encoding */
} names[] = {
    /* clang-format off */
    {"", {{{0}, 0, {0}, false}}},
    {"CN=mail.example.org", {TEXT(CN, "mail.example.org")}},
    {"CN=R11, O=Let's Encrypt, C=US", {TYPED(C, DER_PRINTABLE_STRING, "US"), TEXT(O, "Let's Encrypt"), TEXT(CN, "R11")}},
    {"CN=mail, OU=IT, O=Contoso, L=Graz, S=Styria, C=AT",
     {TEXT(C, "AT"), TEXT(S, "Styria"), TEXT(L, "Graz"), TEXT(O, "Contoso"), TEXT(OU, "IT"), TEXT(CN, "mail")}},
    {"E=a@example.org, CN=x", {TEXT(CN, "x"), TYPED(EMAIL, DER_IA5_STRING, "a@example.org")}},
    {"CN=dc1, DC=corp, DC=example", {TYPED(DC, DER_IA5_STRING, "example"), TYPED(DC, DER_IA5_STRING, "corp"), TEXT(CN, "dc1")}},
    {"SERIALNUMBER=12345, CN=x", {TEXT(CN, "x"), TYPED(SERIAL, DER_PRINTABLE_STRING, "12345")}},
    {"STREET=Main 1, CN=x", {TEXT(CN, "x"), TEXT(STREET, "Main 1")}},
    {"T=Dr, G=Anna, SN=Huber, I=AH", {TEXT(I, "AH"), TEXT(SN, "Huber"), TEXT(G, "Anna"), TEXT(T, "Dr")}},
    {"PostalCode=8010", {TEXT(POSTAL, "8010")}},
    {"OID.2.5.4.15=Private Organization, CN=x", {TEXT(CN, "x"), TEXT(BUSINESS, "Private Organization")}},
    {"OID.1.3.6.1.4.1.311.60.2.1.3=US", {TYPED(JURISDICTION, DER_PRINTABLE_STRING, "US")}},
    {"OID.0.9.2342.19200300.100.1.1=anna", {TEXT(UID, "anna")}},
    {"OID.2.999=x", {TEXT("\x88\x37", "x")}},
    {"OID.0.39=x", {TEXT("\x27", "x")}},
    {"OID.1.0=x", {TEXT("\x28", "x")}},
    {"OID.2.0=x", {TEXT("\x50", "x")}},
    {"CN=\"Contoso, Ltd.\"", {TEXT(CN, "Contoso, Ltd.")}},
    {"CN=\"a+b\"", {TEXT(CN, "a+b")}},
    {"CN=\"a=b\"", {TEXT(CN, "a=b")}},
    {"CN=\"say \"\"hi\"\"\"", {TEXT(CN, "say \"hi\"")}},
    {"CN=\"\"\"\"", {TEXT(CN, "\"")}},
    {"CN=\"a<b\"", {TEXT(CN, "a<b")}},
    {"CN=\"<I>x<S>y\"", {TEXT(CN, "<I>x<S>y")}},
    {"CN=\"#1\"", {TEXT(CN, "#1")}},
    {"CN=\"C#\"", {TEXT(CN, "C#")}},
    {"CN=\"a;b\"", {TEXT(CN, "a;b")}},
    {"CN=#0C03610A62", {TEXT(CN, "a\nb")}},
    {"CN=#0C03610062", {TYPED(CN, DER_UTF8_STRING, "a\0b")}},
    {"CN=#0C04611B5B6D", {TEXT(CN, "a\x1b[m")}},
    {"CN=\" a\"", {TEXT(CN, " a")}},
    {"CN=\"a \"", {TEXT(CN, "a ")}},
    {"CN=#0C020961", {TEXT(CN, "\ta")}},
    {"CN=\"\"", {TEXT(CN, "")}},
    {"CN=\" \"", {TEXT(CN, " ")}},
    {"CN=a\\b", {TEXT(CN, "a\\b")}},
    {"CN=[S]x", {TEXT(CN, "[S]x")}},
    {"CN=a/b@c:d*", {TEXT(CN, "a/b@c:d*")}},
    {"CN=a  b", {TEXT(CN, "a  b")}},
    {"CN=M\xc3\xbcller", {TEXT(CN, "M\xc3\xbcller")}},
    {"CN=M\xc3\xbcller", {TYPED(CN, DER_T61_STRING, "M\xfcller")}},
    {"CN=M\xc3\xbcller", {TYPED(CN, DER_T61_STRING, "M\xc3\xbcller")}},
    {"CN=M\xc3\xbc", {TYPED(CN, DER_BMP_STRING, "\0M\0\xfc")}},
    {"CN=\xf0\x9f\x90\x8e", {TYPED(CN, DER_BMP_STRING, "\xd8\x3d\xdc\x0e")}},
    {"CN=\xf0\x9f\x90\x8e", {TYPED(CN, DER_UNIVERSAL_STRING, "\0\x01\xf4\x0e")}},
    {"CN=12", {TYPED(CN, DER_NUMERIC_STRING, "12")}},
    {"CN=v", {TYPED(CN, DER_VISIBLE_STRING, "v")}},
    {"CN=#0C02FF41", {TYPED(CN, DER_UTF8_STRING, "\xff" "A")}},      /* not UTF-8 */
    {"CN=#1E03004100", {TYPED(CN, DER_BMP_STRING, "\0A\0")}},        /* half a character */
    {"CN=#1E02D83D", {TYPED(CN, DER_BMP_STRING, "\xd8\x3d")}},       /* half a pair */
    {"CN=#1C0400110000", {TYPED(CN, DER_UNIVERSAL_STRING, "\0\x11\0\0")}},
    {"CN=#1601FF", {TYPED(CN, DER_IA5_STRING, "\xff")}},
    {"CN=#0403010203", {TYPED(CN, DER_OCTET_STRING, "\x01\x02\x03")}},
    {"CN=#020105", {TYPED(CN, DER_INTEGER, "\x05")}},
    {"CN=a + SERIALNUMBER=1, O=x", {TEXT(O, "x"), TEXT(CN, "a"), PLUS(SERIAL, "1")}},
    {"CN=\"a+b\" + CN=c + O=\"d,e\"", {TEXT(CN, "a+b"), PLUS(CN, "c"), PLUS(O, "d,e")}},
    {"CN=a, CN=b", {TEXT(CN, "b"), TEXT(CN, "a")}},
    /* clang-format on */
};

static bool append_attribute(struct text *out, const struct attribute *a)
{
    char pair[NAME_MAX_BYTES];
    struct text text = text_over(pair, sizeof pair);
    return der_append(&text, DER_OBJECT_ID, a->object_id) && der_append(&text, a->tag, a->value) &&
           der_append(out, DER_SEQUENCE, text_slice(&text));
}

static struct slice encode(const struct name_row *row, struct text *out)
{
    char body[NAME_MAX_BYTES], rdn[NAME_MAX_BYTES];
    struct text whole = text_over(body, sizeof body);
    for (size_t i = 0; i < ATTRIBUTES_MAX && row->attributes[i].tag;) {
        struct text set = text_over(rdn, sizeof rdn);
        do
            assert_true(append_attribute(&set, &row->attributes[i++]));
        while (i < ATTRIBUTES_MAX && row->attributes[i].joined);
        assert_true(der_append(&whole, DER_SET, text_slice(&set)));
    }
    assert_true(der_append(out, DER_SEQUENCE, text_slice(&whole)));
    return text_slice(out);
}

static struct slice parsed(const char *row, struct slice written, struct text *out)
{
    row_expect(row, "parsed", distinguished_name_parse(written, out), true);
    return text_slice(out);
}

static void names_are_printed_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char a[NAME_MAX_BYTES], b[NAME_MAX_BYTES], c[NAME_MAX_BYTES], d[NAME_MAX_BYTES];
        struct text der = text_over(a, sizeof a), printed = text_over(b, sizeof b);
        struct text canonical = text_over(c, sizeof c), back = text_over(d, sizeof d);
        encode(&names[i], &der);
        row_expect(names[i].printed, "printable",
                   distinguished_name_print(text_slice(&der), &printed), true);
        row_expect_slice(names[i].printed, text_slice(&printed), slice_of(names[i].printed));
        row_expect(names[i].printed, "canonical",
                   distinguished_name_canonical(text_slice(&der), &canonical), true);
        row_expect_slice(names[i].printed, parsed(names[i].printed, text_slice(&printed), &back),
                         text_slice(&canonical));
    }
}

static const struct same_row {
    const char *a, *b;
    bool same;
} same_rows[] = {
    /* clang-format off */
    {"CN=mail, O=Contoso, C=US",     "CN=mail,O=Contoso,C=US",           true},
    {"CN=mail, O=Contoso, C=US",     "cn=mail, o=Contoso, c=US",         true},
    {"CN=mail, O=Contoso, C=US",     "CN = mail , O = Contoso , C = US", true},
    {"CN=mail, O=Contoso, C=US",     "CN=mail;O=Contoso;C=US",           true},
    {"CN=mail, O=Contoso, C=US",     "CN=MAIL, O=CONTOSO, C=us",         true},
    {"CN=mail, O=Contoso, C=US",     "\t CN=mail,\r\n O=Contoso,C=US ",  true},
    {"CN=mail, O=Contoso, C=US",     "CN=\"mail\", O=\"Contoso\", C=\"US\"", true},
    {"CN=mail, O=Contoso, C=US",     "2.5.4.3=mail, OID.2.5.4.10=Contoso, oid.2.5.4.6=US", true},
    {"CN=mail, O=Contoso, C=US",     "CN=#0C046D61696C, O=Contoso, C=#13025553", true},
    {"CN=mail, O=Contoso, C=US",     "C=US, O=Contoso, CN=mail",         false},
    {"CN=mail, O=Contoso, C=US",     "CN=mail, O=Contoso",               false},
    {"CN=mail, O=Contoso, C=US",     "CN=mail, O=Contoso, S=US",         false},
    {"CN=a b",                       "CN=a  \t b",                       true},
    {"CN=a b",                       "CN=\"  a b \"",                    true},
    {"CN=a b",                       "CN=ab",                            false},
    {"S=Styria",                     "ST=Styria",                        true},
    {"S=Styria",                     "sp=styria",                        true},
    {"E=a@b",                        "emailAddress=a@b",                 true},
    {"E=a@b",                        "EMAIL=a@b",                        true},
    {"G=a",                          "givenName=a",                      true},
    {"SN=a",                         "surname=a",                        true},
    {"T=a",                          "TITLE=a",                          true},
    {"I=a",                          "INITIALS=a",                       true},
    {"STREET=a",                     "StreetAddress=a",                  true},
    {"UID=a",                        "OID.0.9.2342.19200300.100.1.1=a",  true},
    {"SN=1",                         "SERIALNUMBER=1",                   false},
    {"CN=a + O=b",                   "O=b+CN=a",                         true},
    {"CN=a + O=b",                   "CN=a, O=b",                        false},
    {"CN=\"a, O=b\"",                "CN=a, O=b",                        false},
    {"CN=\"a\"\"b\"",                "CN=ab",                            false},
    {"CN=a\\, O=b",                  "CN=\"a\\\", O=b",                  true},
    {"CN=",                          "CN=\"\"",                          true},
    {"CN=",                          "",                                 false},
    {"",                             "  ",                               true},
    /* clang-format on */
};

static void written_names_compare_by_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(same_rows); i++) {
        char a[NAME_MAX_BYTES], b[NAME_MAX_BYTES];
        struct text left = text_over(a, sizeof a), right = text_over(b, sizeof b);
        row_expect(same_rows[i].b, "same",
                   slice_equal(parsed(same_rows[i].a, slice_of(same_rows[i].a), &left),
                               parsed(same_rows[i].b, slice_of(same_rows[i].b), &right)),
                   same_rows[i].same);
    }
}

static void damaged_names_are_refused(void **state)
{
    (void)state;
    static const struct slice written[] = {
        SLICE_INIT("CN"),
        SLICE_INIT("=a"),
        SLICE_INIT("CN=a,"),
        SLICE_INIT("CN=a,,O=b"),
        SLICE_INIT(",CN=a"),
        SLICE_INIT("CN=a O=b"),
        SLICE_INIT("CN=a+b"),
        SLICE_INIT("CN=a+"),
        SLICE_INIT("CN=\"a"),
        SLICE_INIT("CN=\"a\"b"),
        SLICE_INIT("CN=a\"b"),
        SLICE_INIT("CN=a<b"),
        SLICE_INIT("XY=a"),
        SLICE_INIT("C N=a"),
        SLICE_INIT("OID.=a"),
        SLICE_INIT("OID.1=a"),
        SLICE_INIT("3.1=a"),
        SLICE_INIT("1.40=a"),
        SLICE_INIT("1.2.=a"),
        SLICE_INIT("1..2=a"),
        SLICE_INIT("1.2.x=a"),
        SLICE_INIT("CN=#"),
        SLICE_INIT("CN=#0C"),
        SLICE_INIT("CN=#0C0141FF"),
        SLICE_INIT("CN=#0C0"),
        SLICE_INIT("CN=#XX"),
        SLICE_INIT("CN=\xff"),
        SLICE_INIT("CN=a\0=b"),
        SLICE_INIT("1.99999999999999999999=a"),
    };
    static const char *const ders[] = {
        "",
        "30",
        "3080",
        "3001",
        "3100",
        "300000",
        "30023100",
        "30023000",
        "3081003000",
        "300406035504",
        "30093107",
        "300431023000",
        "30810100",
        "300d310b3009060355040a0c02", /* cut short */
        "3009310730050603550403",     /* no value */
        "300c310a30080603558003130161",
        "300e310c300a06035504031301610500", /* something behind the value */
    };
    char out_storage[NAME_MAX_BYTES];
    for (size_t i = 0; i < COUNT_OF(written); i++) {
        struct text out = text_over(out_storage, sizeof out_storage);
        row_expect(written[i].at, "accepted", distinguished_name_parse(written[i], &out), false);
        row_expect(written[i].at, "left behind", (long long)out.len, 0);
    }
    for (size_t i = 0; i < COUNT_OF(ders); i++) {
        struct text out = text_over(out_storage, sizeof out_storage);
        char bytes[256];
        size_t len;
        assert_true(hex_decode(slice_of(ders[i]), bytes, sizeof bytes, &len));
        struct slice der = slice_bytes(bytes, len);
        row_expect(ders[i], "printed", distinguished_name_print(der, &out), false);
        row_expect(ders[i], "canonical", distinguished_name_canonical(der, &out), false);
        row_expect(ders[i], "left behind", (long long)out.len, 0);
    }
}

static void a_nul_in_a_name_is_kept_apart(void **state)
{
    (void)state;
    struct name_row good = {"", {TEXT(CN, "good.test")}};
    struct name_row evil = {"", {TEXT(CN, "good.test\0.evil.test")}};
    char a[256], b[256], c[256], d[256];
    struct text der = text_over(a, sizeof a), good_name = text_over(b, sizeof b);
    struct text evil_name = text_over(c, sizeof c), printed = text_over(d, sizeof d);
    assert_true(distinguished_name_canonical(encode(&good, &der), &good_name));
    text_clear(&der);
    assert_true(distinguished_name_canonical(encode(&evil, &der), &evil_name));
    assert_false(slice_equal(text_slice(&good_name), text_slice(&evil_name)));
    assert_true(distinguished_name_print(text_slice(&der), &printed));
    row_expect_slice("printed", text_slice(&printed),
                     SLICE("CN=#0C14676F6F642E74657374002E6576696C2E74657374"));
}

static void too_many_attributes_are_refused(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text written = text_with_ceiling(100000);
    CLEANUP(text_deinit) struct text out = text_with_ceiling(100000);
    for (size_t i = 0; i < 129; i++)
        text_append_c(&written, i ? ",CN=a" : "CN=a");
    assert_false(distinguished_name_parse(text_slice(&written), &out));
    assert_true(distinguished_name_parse(slice_after(text_slice(&written), 5), &out));
    char small[8];
    struct text narrow = text_over(small, sizeof small);
    assert_false(distinguished_name_parse(SLICE("CN=a"), &narrow));
    assert_int_equal(narrow.len, 0);
}

static void host_names_are_told_from_other_text(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool ok, ok_with_wildcard;
    } rows[] = {
        {"mail", true, true},
        {"mail.example.org", true, true},
        {"MAIL.Example", true, true},
        {"a_b.example", true, true},
        {"xn--bcher-kva.de", true, true},
        {"*.example.org", false, true},
        {"*", false, false},
        {"*.*", false, false},
        {"*.", false, false},
        {"f*.example.org", false, false},
        {"a.*.org", false, false},
        {"", false, false},
        {".", false, false},
        {"a..b", false, false},
        {".a", false, false},
        {"a.", false, false},
        {"-a.org", false, false},
        {"a-.org", false, false},
        {"a b", false, false},
        {"a/b", false, false},
        {"192.0.2.1", false, false},
        {"2001:db8::1", false, false},
        {"m\xc3\xbcller.de", false, false},
        {"*.org", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_expect(rows[i].name, "ok", host_name_ok(slice_of(rows[i].name), false), rows[i].ok);
        row_expect(rows[i].name, "ok as pattern", host_name_ok(slice_of(rows[i].name), true),
                   rows[i].ok_with_wildcard);
    }
    char label[64];
    memset(label, 'a', sizeof label);
    assert_true(host_name_ok(slice_bytes(label, 63), false));
    assert_false(host_name_ok(slice_bytes(label, 64), false));
    assert_false(host_name_ok(SLICE("good.test\0.evil.test"), false));
}

static void a_wildcard_is_one_whole_label(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *name;
        bool fits;
    } rows[] = {
        {"mail.example.org", "mail.example.org", true},
        {"mail.example.org", "MAIL.example.ORG", true},
        {"mail.example.org", "xmail.example.org", false},
        {"mail.example.org", "example.org", false},
        {"*.example.org", "mail.example.org", true},
        {"*.example.org", "a.b.example.org", false},
        {"*.example.org", "example.org", false},
        {"*.example.org", ".example.org", false},
        {"*.example.org", "*.example.org", false},
        {"*.example.org", "mail.example.com", false},
        {"*.org", "example.org", false},
        {"*", "mail", false},
        {"*.*", "a.b", false},
        {"192.0.2.1", "192.0.2.1", false},
        {"mail", "mail", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].pattern, rows[i].name,
                   host_name_matches(slice_of(rows[i].pattern), slice_of(rows[i].name)),
                   rows[i].fits);
}

static void der_takes_the_shortest_form_only(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool ok;
        size_t contents;
    } rows[] = {
        {"0400", true, 0},    {"040141", true, 1},          {"0481", false, 0},
        {"048100", false, 0}, {"04817f", false, 0},         {"04820001", false, 0},
        {"0480", false, 0},   {"0402aa", false, 0},         {"04", false, 0},
        {"1f8100", false, 0}, {"04850000000001", false, 0}, {"0484000000ff", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char bytes[64];
        size_t len;
        struct der_element element;
        assert_true(hex_decode(slice_of(rows[i].hex), bytes, sizeof bytes, &len));
        struct slice rest = slice_bytes(bytes, len);
        row_expect(rows[i].hex, "taken", der_take(&rest, &element), rows[i].ok);
        row_expect(rows[i].hex, "left", (long long)rest.len, rows[i].ok ? 0 : (long long)len);
        if (rows[i].ok)
            row_expect(rows[i].hex, "contents", (long long)element.contents.len,
                       (long long)rows[i].contents);
    }
}

static void der_is_written_and_read_back_at_every_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 70000};
    static char bytes[70000];
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        CLEANUP(text_deinit) struct text out = text_with_ceiling(80000);
        struct slice contents;
        assert_true(der_append(&out, DER_OCTET_STRING, slice_bytes(bytes, lengths[i])));
        struct slice rest = text_slice(&out);
        assert_true(der_take_tag(&rest, DER_OCTET_STRING, &contents));
        assert_int_equal(contents.len, lengths[i]);
        assert_int_equal(rest.len, 0);
    }
}

/* For the subject of a new certificate nothing is folded, and types are those of RFC 5280 A.1. */
static void names_are_encoded_as_written(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *written, *printed, *common_name; /* NULL: refused; no CN */
    } rows[] = {
        {"CN=Mail.Contoso.com", "CN=Mail.Contoso.com", "Mail.Contoso.com"},
        {"cn=mail,o=\"Contoso, Ltd.\" ; c=US", "CN=mail, O=\"Contoso, Ltd.\", C=US", "mail"},
        {"C=AT, CN=outer, OU=IT, CN=inner", "C=AT, CN=outer, OU=IT, CN=inner", "outer"},
        {"E=Postmaster@Contoso.com, CN=a  b", "E=Postmaster@Contoso.com, CN=a  b", "a  b"},
        {"O=No Name", "O=No Name", NULL},
        {"CN=", NULL, NULL},
        {"CN=a, C=USA", NULL, NULL},
        {"CN=a, E=p\xc3\xb6st@contoso.com", NULL, NULL},
        {"mail.contoso.com", NULL, NULL},
        {"CN=a,,O=b", NULL, NULL},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(text_deinit) struct text der = text_with_ceiling(NAME_MAX_BYTES);
        CLEANUP(text_deinit) struct text out = text_with_ceiling(NAME_MAX_BYTES);
        bool good = distinguished_name_encode(slice_of(rows[i].written), &der);
        row_expect(rows[i].written, "taken", good, rows[i].printed != NULL);
        if (!good)
            continue;
        assert_true(distinguished_name_print(text_slice(&der), &out));
        row_expect_slice(rows[i].written, text_slice(&out), slice_of(rows[i].printed));
        text_clear(&out);
        row_expect(rows[i].written, "has a CN",
                   distinguished_name_common_name(text_slice(&der), &out),
                   rows[i].common_name != NULL);
        row_expect_slice(rows[i].written, text_slice(&out), slice_of(rows[i].common_name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_encoded_as_written),
        cmocka_unit_test(names_are_printed_and_read_back),
        cmocka_unit_test(written_names_compare_by_meaning),
        cmocka_unit_test(damaged_names_are_refused),
        cmocka_unit_test(a_nul_in_a_name_is_kept_apart),
        cmocka_unit_test(too_many_attributes_are_refused),
        cmocka_unit_test(host_names_are_told_from_other_text),
        cmocka_unit_test(a_wildcard_is_one_whole_label),
        cmocka_unit_test(der_takes_the_shortest_form_only),
        cmocka_unit_test(der_is_written_and_read_back_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
