/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the kind that was asked for, the rest is the message. */
#include "fuzz.h"

#include "dns/record.h"

static const enum dns_type types[] = {DNS_A,   DNS_AAAA, DNS_CNAME, DNS_MX,
                                      DNS_PTR, DNS_TXT,  DNS_TLSA};

/* Names are safe to show wherever text is. */
static void check_name(struct slice name)
{
    require(name.len != 0);
    for (size_t i = 0; i < name.len; i++)
        require(name.at[i] > ' ' && name.at[i] <= '~' && ascii_lower(name.at[i]) == name.at[i]);
}

static void check_record(enum dns_type type, const struct dns_record *record)
{
    if (type == DNS_MX || type == DNS_PTR || type == DNS_CNAME)
        check_name(record->host);
    else
        require(record->host.len == 0);
    require(type == DNS_TXT || type == DNS_TLSA || record->data.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(DNS_ANSWER_ARENA_MAX);
    enum dns_type type = types[data[0] % COUNT_OF(types)];
    struct dns_answer answer;
    enum dns_read_outcome read =
        dns_answer_read(slice_bytes(data + 1, size - 1), type, &arena, &answer);
    require(size > UINT16_MAX || read != DNS_READ_NO_MEMORY);
    if (read != DNS_READ_OK) {
        require(answer.count == 0 && answer.canonical_name.len == 0);
        return 0;
    }
    check_name(answer.canonical_name);
    require(answer.count <= DNS_RECORDS_MAX && answer.ttl_s <= DNS_TTL_MAX_S);
    for (size_t i = 0; i < answer.count; i++)
        check_record(type, &answer.records[i]);
    return 0;
}
