/* SPDX-License-Identifier: Apache-2.0 */
/* mail/address, mail/from and mail/header_scan: no address holds a control byte, a canonical form
 * is an address and its own canonical form, a path consumes what it says, cuts of a header do not
 * matter. */
#include "mail/address.h"
#include "fuzz.h"
#include "mail/from.h"
#include "mail/header_scan.h"

static void require_clean(struct slice mailbox)
{
    for (size_t i = 0; i < mailbox.len; i++)
        require((unsigned char)mailbox.at[i] >= ' ' && mailbox.at[i] != 0x7f);
}

static void check_canonical(const struct address *address, const struct address_options *options)
{
    char first_storage[2 * ADDRESS_LONG_MAX + 600], second_storage[2 * ADDRESS_LONG_MAX + 600];
    struct text first = text_over(first_storage, sizeof first_storage);
    struct text second = text_over(second_storage, sizeof second_storage);
    struct address again;
    require(address_append_canonical(&first, address));
    require(address_parse(text_slice(&first), options, &again) == ADDRESS_OK);
    require(address_append_canonical(&second, &again));
    require(slice_equal(text_slice(&first), text_slice(&second)));
}

static void check_mailbox(struct slice bytes, const struct address_options *options)
{
    struct address address;
    if (address_parse(bytes, options, &address) != ADDRESS_OK)
        return;
    require_clean(bytes);
    require(address.local.len > 0);
    require(options->utf8 || slice_all_ascii(bytes));
    require(address.local.len + address.domain.len + (address.domain.len > 0) == bytes.len);
    check_canonical(&address, options);
}

static void check_path(struct slice bytes, const struct address_options *options)
{
    struct address address;
    struct slice rest = bytes, mailbox;
    if (address_take_path(&rest, true, options, &address, &mailbox) != ADDRESS_OK) {
        require(slice_equal(rest, bytes));
        return;
    }
    require(rest.at + rest.len == bytes.at + bytes.len && rest.at[-1] == '>');
    require_clean(mailbox);
    require(slice_starts(bytes, SLICE("<")));
}

static void check_from(struct slice bytes)
{
    static const struct address_options options = {.utf8 = true, .long_addresses = true};
    struct from_list list;
    if (from_parse(bytes, &list) != FROM_OK)
        return;
    require(list.count > 0 && list.count <= FROM_MAILBOX_MAX);
    for (size_t i = 0; i < list.count; i++)
        check_mailbox(list.mailbox[i], &options);
}

static void scan_header(struct slice bytes, size_t cut, struct header_scan *scan, struct text *out)
{
    struct slice piece;
    while (bytes.len) {
        struct slice input = slice_first(bytes, cut);
        enum header_scan_outcome outcome;
        bytes = slice_after(bytes, cut);
        while ((outcome = header_scan_take(scan, &input, &piece)) != HEADER_SCAN_MORE)
            text_append(out, piece);
        require(input.len == 0);
    }
    if (header_scan_finish(scan, &piece))
        text_append(out, piece);
}

static void check_header(struct slice bytes, size_t cut)
{
    struct header_scan whole = {0}, cut_up = {0};
    struct text first = text_with_ceiling(1 << 20), second = text_with_ceiling(1 << 20);
    scan_header(bytes, SIZE_MAX, &whole, &first);
    scan_header(bytes, cut, &cut_up, &second);
    require(slice_equal(text_slice(&first), bytes));
    require(slice_equal(text_slice(&second), bytes));
    require(whole.header_bytes == cut_up.header_bytes && whole.header_bytes <= bytes.len);
    require(whole.blank_line == cut_up.blank_line && whole.open_line == cut_up.open_line);
    for (size_t i = 0; i < HEADER_SCAN_FIELDS; i++)
        require(whole.count[i] == cut_up.count[i]);
    require(slice_equal(header_scan_from(&whole), header_scan_from(&cut_up)));
    require(slice_equal(header_scan_sender(&whole), header_scan_sender(&cut_up)));
    require(slice_equal(header_scan_message_id(&whole), header_scan_message_id(&cut_up)));
    check_from(header_scan_from(&whole));
    text_deinit(&first);
    text_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct address_options options = {
        .utf8 = data[0] & 1, .long_addresses = data[0] & 2, .unqualified = data[0] & 4};
    struct slice bytes = slice_bytes(data + 1, size - 1);
    check_mailbox(bytes, &options);
    check_path(bytes, &options);
    check_from(bytes);
    check_header(bytes, 1U + (data[0] >> 3));
    return 0;
}
