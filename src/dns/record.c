/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/record.h"

#include "dns/name.h"

enum { HEADER_BYTES = 12, FIXED_BYTES = 10, CLASS_IN = 1, RESPONSE = 0x8000, SOA_NUMBERS = 20 };

/* A resource record where it stands. */
struct entry {
    char name_storage[DNS_NAME_TEXT_MAX];
    struct text name;
    unsigned type, class;
    uint32_t ttl_s;
    size_t data_at, data_end;
};

struct reading {
    struct slice packet;
    enum dns_type type;
    struct arena *arena;
    struct dns_answer *answer;
    size_t answers_at, answer_count, authority_count;
    char target_storage[DNS_NAME_TEXT_MAX];
    struct text target; /* whose records are wanted */
    bool no_memory;
};

static uint32_t number_at(struct slice packet, size_t at, size_t bytes)
{
    uint32_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | (unsigned char)packet.at[at + i];
    return number;
}

/* RFC 2181 8: a TTL with the highest bit set is none. */
static uint32_t ttl_of(uint32_t written)
{
    if (written >> 31)
        return 0;
    return written < DNS_TTL_MAX_S ? written : DNS_TTL_MAX_S;
}

static bool entry_read(struct slice packet, size_t *at, struct entry *entry)
{
    entry->name = text_over(entry->name_storage, sizeof entry->name_storage);
    if (!dns_name_read(packet, at, &entry->name) || packet.len - *at < FIXED_BYTES)
        return false;
    entry->type = number_at(packet, *at, 2);
    entry->class = number_at(packet, *at + 2, 2);
    entry->ttl_s = ttl_of(number_at(packet, *at + 4, 4));
    size_t len = number_at(packet, *at + 8, 2);
    entry->data_at = *at + FIXED_BYTES;
    if (packet.len - entry->data_at < len)
        return false;
    entry->data_end = *at = entry->data_at + len;
    return true;
}

static bool is_of_target(const struct reading *reading, const struct entry *entry, unsigned type)
{
    return entry->type == type && entry->class == CLASS_IN &&
           slice_equal(text_slice(&entry->name), text_slice(&reading->target));
}

static void note_ttl(struct reading *reading, uint32_t ttl_s)
{
    if (ttl_s < reading->answer->ttl_s)
        reading->answer->ttl_s = ttl_s;
}

/* The name that fills the data from `at` to its end. */
static bool read_last_name(const struct reading *reading, size_t at, size_t end, struct text *out)
{
    return dns_name_read(reading->packet, &at, out) && at == end;
}

/* --- the data of each kind --- */

typedef bool data_fn(struct reading *reading, size_t at, size_t end, struct dns_record *record);

static bool keep(struct reading *reading, struct slice bytes, struct slice *out)
{
    reading->no_memory = !arena_copy(reading->arena, bytes, out);
    return !reading->no_memory;
}

static bool read_v4(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    if (end - at != 4)
        return false;
    record->address = ip_from_v4((const uint8_t *)reading->packet.at + at);
    return true;
}

static bool read_v6(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    if (end - at != sizeof record->address.bytes)
        return false;
    for (size_t i = 0; i < sizeof record->address.bytes; i++)
        record->address.bytes[i] = (uint8_t)reading->packet.at[at + i];
    return true;
}

static bool read_host(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    char storage[DNS_NAME_TEXT_MAX];
    struct text host = text_over(storage, sizeof storage);
    return read_last_name(reading, at, end, &host) &&
           keep(reading, text_slice(&host), &record->host);
}

static bool read_mx(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    if (end - at < 3)
        return false;
    record->preference = (uint16_t)number_at(reading->packet, at, 2);
    return read_host(reading, at + 2, end, record);
}

static bool read_tlsa(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    if (end - at < 3)
        return false;
    record->usage = (uint8_t)reading->packet.at[at];
    record->selector = (uint8_t)reading->packet.at[at + 1];
    record->matching = (uint8_t)reading->packet.at[at + 2];
    struct slice data = {reading->packet.at + at + 3, end - at - 3};
    return keep(reading, data, &record->data);
}

static bool read_txt(struct reading *reading, size_t at, size_t end, struct dns_record *record)
{
    CLEANUP(text_deinit) struct text joined = text_with_ceiling(UINT16_MAX);
    if (at == end)
        return false; /* RFC 1035 3.3.14: one string at least */
    while (at < end) {
        size_t len = (unsigned char)reading->packet.at[at];
        if (end - at - 1 < len)
            return false;
        if (!text_append(&joined, (struct slice){reading->packet.at + at + 1, len})) {
            reading->no_memory = true;
            return false;
        }
        at += 1 + len;
    }
    return keep(reading, text_slice(&joined), &record->data);
}

/* clang-format off */
static const struct kind {
    enum dns_type type;
    const char *name;
    data_fn *read;
} kinds[] = {
    {DNS_A,     "A",     read_v4},
    {DNS_AAAA,  "AAAA",  read_v6},
    {DNS_CNAME, "CNAME", read_host},
    {DNS_MX,    "MX",    read_mx},
    {DNS_PTR,   "PTR",   read_host},
    {DNS_SOA,   "SOA",   NULL},
    {DNS_TLSA,  "TLSA",  read_tlsa},
    {DNS_TXT,   "TXT",   read_txt},
};
/* clang-format on */

static const struct kind *kind_of(enum dns_type type)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

const char *dns_type_name(enum dns_type type)
{
    const struct kind *kind = kind_of(type);
    return kind ? kind->name : "?";
}

const char *dns_outcome_name(enum dns_outcome outcome)
{
    static const char *const names[] = {
        [DNS_FOUND] = "Found",   [DNS_NO_DATA] = "NoData", [DNS_NO_NAME] = "NoName",
        [DNS_FAILED] = "Failed", [DNS_BOGUS] = "Bogus",    [DNS_TIMED_OUT] = "TimedOut"};
    _Static_assert(COUNT_OF(names) == DNS_OUTCOMES, "each outcome has a name");
    return names[outcome];
}

/* --- the sections --- */

static bool read_question(struct reading *reading)
{
    struct slice packet = reading->packet;
    size_t at = HEADER_BYTES;
    if (packet.len < HEADER_BYTES || !(number_at(packet, 2, 2) & RESPONSE) ||
        number_at(packet, 4, 2) != 1)
        return false;
    reading->answer->rcode = number_at(packet, 2, 2) & 0xf;
    reading->answer_count = number_at(packet, 6, 2);
    reading->authority_count = number_at(packet, 8, 2);
    reading->target = text_over(reading->target_storage, sizeof reading->target_storage);
    if (!dns_name_read(packet, &at, &reading->target) || packet.len - at < 4 ||
        number_at(packet, at, 2) != reading->type || number_at(packet, at + 2, 2) != CLASS_IN)
        return false;
    reading->answers_at = at + 4;
    return true;
}

/* Goes on to where the target's alias leads. *out_found is false when it has none. */
static bool follow_alias(struct reading *reading, bool *out_found)
{
    size_t at = reading->answers_at;
    struct entry entry;
    *out_found = false;
    for (size_t i = 0; i < reading->answer_count; i++) {
        if (!entry_read(reading->packet, &at, &entry))
            return false;
        if (!is_of_target(reading, &entry, DNS_CNAME))
            continue;
        text_clear(&reading->target);
        note_ttl(reading, entry.ttl_s);
        *out_found = true;
        return read_last_name(reading, entry.data_at, entry.data_end, &reading->target);
    }
    return true;
}

static bool follow_aliases(struct reading *reading)
{
    bool found = reading->type != DNS_CNAME;
    for (size_t i = 0; found && i <= DNS_ALIASES_MAX; i++)
        if (!follow_alias(reading, &found))
            return false;
    return !found;
}

static bool collect(struct reading *reading, data_fn *read, struct dns_record *records,
                    size_t *out_end)
{
    struct entry entry;
    size_t at = reading->answers_at;
    for (size_t i = 0; i < reading->answer_count; i++) {
        if (!entry_read(reading->packet, &at, &entry))
            return false;
        if (!is_of_target(reading, &entry, reading->type))
            continue;
        note_ttl(reading, entry.ttl_s);
        reading->answer->cut = reading->answer->count == DNS_RECORDS_MAX;
        if (reading->answer->cut)
            continue;
        struct dns_record *record = &records[reading->answer->count++];
        if (!read(reading, entry.data_at, entry.data_end, record))
            return false;
    }
    *out_end = at;
    return true;
}

/* RFC 2308 5: how long nothing stays nothing, as the zone's SOA has it. */
static bool read_negative_ttl(struct reading *reading, size_t at)
{
    struct entry entry;
    bool found = false;
    for (size_t i = 0; i < reading->authority_count; i++) {
        if (!entry_read(reading->packet, &at, &entry))
            return false;
        if (entry.type != DNS_SOA || entry.data_end - entry.data_at < SOA_NUMBERS)
            continue;
        found = true;
        note_ttl(reading, entry.ttl_s);
        note_ttl(reading, ttl_of(number_at(reading->packet, entry.data_end - 4, 4)));
    }
    if (!found)
        reading->answer->ttl_s = 0;
    return true;
}

static bool read_sections(struct reading *reading, const struct kind *kind)
{
    size_t end;
    if (!read_question(reading) || !follow_aliases(reading))
        return false;
    struct dns_record *records = arena_take_array(reading->arena, DNS_RECORDS_MAX, sizeof *records);
    reading->answer->records = records;
    reading->no_memory = !records;
    return records && collect(reading, kind->read, records, &end) &&
           (reading->answer->count || read_negative_ttl(reading, end)) &&
           keep(reading, text_slice(&reading->target), &reading->answer->canonical_name);
}

enum dns_read_outcome dns_answer_read(struct slice packet, enum dns_type type, struct arena *arena,
                                      struct dns_answer *out_answer)
{
    const struct kind *kind = kind_of(type);
    struct reading reading = {.packet = packet, .type = type, .arena = arena, .answer = out_answer};
    *out_answer = (struct dns_answer){.ttl_s = DNS_TTL_MAX_S};
    if (kind && kind->read && read_sections(&reading, kind))
        return DNS_READ_OK;
    *out_answer = (struct dns_answer){0};
    return reading.no_memory ? DNS_READ_NO_MEMORY : DNS_READ_MALFORMED;
}
