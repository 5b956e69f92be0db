/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tls_report.h"

#include "base/number.h"
#include "mail/address.h"

static bool bytes_ok(struct slice target)
{
    for (size_t i = 0; i < target.len; i++)
        if (target.at[i] <= ' ' || target.at[i] == 0x7f || target.at[i] == '!')
            return false;
    return target.len != 0;
}

/* RFC 8460 3: "!" and "," of an address are written as %21 and %2C. */
static bool address_ok(struct slice address)
{
    struct slice target = address;
    if (!slice_take_prefix_nocase(&target, SLICE("mailto:")) &&
        !slice_take_prefix_nocase(&target, SLICE("https://")))
        return false;
    return bytes_ok(target);
}

static void take_addresses(struct slice list, struct tls_report_record *record)
{
    for (struct slice address; slice_take_field(&list, ',', &address);) {
        address = slice_trim(address);
        if (address_ok(address) && record->count < TLS_REPORT_ADDRESSES_MAX)
            record->addresses[record->count++] = address;
    }
}

enum tag_list_outcome tls_report_record_read(const struct slice *records, size_t count,
                                             struct tls_report_record *out_record)
{
    struct slice rest;
    struct tag tag;
    *out_record = (struct tls_report_record){0};
    enum tag_list_outcome outcome = tag_list_choose(records, count, SLICE("v=TLSRPTv1;"), &rest);
    if (outcome != TAG_LIST_OK)
        return outcome;
    while ((outcome = tag_list_next(&rest, &tag)) == TAG_LIST_OK)
        if (slice_equal(tag.name, SLICE("rua")) && !out_record->count)
            take_addresses(tag.value, out_record);
    return outcome == TAG_LIST_NONE && out_record->count ? TAG_LIST_OK : TAG_LIST_MALFORMED;
}

/* %2B */
static bool take_percent(struct slice *rest, char *out_byte)
{
    uint64_t byte;
    if (rest->len < 3 || !number_parse_hex(slice_first(slice_after(*rest, 1), 2), UINT8_MAX, &byte))
        return false;
    *out_byte = (char)byte;
    *rest = slice_after(*rest, 3);
    return true;
}

bool tls_report_mailbox(struct slice address, struct text *out_mailbox)
{
    const struct address_options plain = {0};
    struct address parsed;
    size_t end;
    if (!slice_take_prefix_nocase(&address, SLICE("mailto:")))
        return false;
    if (slice_find(address, '?', &end))
        address = slice_first(address, end);
    while (address.len) {
        char byte = address.at[0];
        if (byte != '%')
            address = slice_after(address, 1);
        else if (!take_percent(&address, &byte))
            return false;
        text_append_byte(out_mailbox, byte);
    }
    return !out_mailbox->truncated &&
           address_parse(text_slice(out_mailbox), &plain, &parsed) == ADDRESS_OK;
}

bool tls_report_https(struct slice address, struct slice *out_host, struct slice *out_path)
{
    size_t slash, dot;
    if (!slice_take_prefix_nocase(&address, SLICE("https://")) || !bytes_ok(address))
        return false;
    bool has_path = slice_find(address, '/', &slash);
    *out_host = slice_first(address, has_path ? slash : address.len);
    *out_path = has_path ? slice_after(address, slash) : SLICE("/");
    return slice_find(*out_host, '.', &dot) && address_domain_valid(*out_host, false);
}
