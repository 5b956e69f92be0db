/* SPDX-License-Identifier: Apache-2.0 */
/* The input, cut at NULs, as the TXT records of a name: of MTA-STS and of TLS reports. */
#include "fuzz.h"

#include "model/sts.h"
#include "model/tls_report.h"

enum { RECORDS_MAX = 8 };

static void check_id(struct slice id)
{
    require(id.len && id.len <= STS_ID_MAX);
    for (size_t i = 0; i < id.len; i++)
        require(ascii_is_alnum(id.at[i]));
}

/* Nothing that could break a header or a line of a log. */
static void check_address(struct slice address)
{
    require(slice_starts_nocase(address, SLICE("mailto:")) ||
            slice_starts_nocase(address, SLICE("https://")));
    for (size_t i = 0; i < address.len; i++)
        require(address.at[i] > ' ' && address.at[i] <= '~' && address.at[i] != ',' &&
                address.at[i] != ';');
}

/* It goes into the field To of a mail. */
static void check_mailbox(struct slice address)
{
    char storage[512];
    struct text mailbox = text_over(storage, sizeof storage);
    if (!tls_report_mailbox(address, &mailbox))
        return;
    for (size_t i = 0; i < mailbox.len; i++)
        require(mailbox.at[i] >= ' ' && mailbox.at[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice records[RECORDS_MAX], rest = slice_bytes(data, size), id;
    struct tls_report_record report;
    size_t count = 0;
    while (count < RECORDS_MAX && slice_take_field(&rest, 0, &records[count]))
        count++;
    if (sts_record_read(records, count, &id) == TAG_LIST_OK)
        check_id(id);
    if (tls_report_record_read(records, count, &report) != TAG_LIST_OK)
        return 0;
    require(report.count && report.count <= TLS_REPORT_ADDRESSES_MAX);
    for (size_t i = 0; i < report.count; i++) {
        check_address(report.addresses[i]);
        check_mailbox(report.addresses[i]);
    }
    return 0;
}
