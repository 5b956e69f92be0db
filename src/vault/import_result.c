/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/import_result.h"

#include "tls/chain.h"
#include "tls/import.h"
#include "vault/certificate_record.h"
#include "wire/messages.h"

#include <string.h>

enum { ARENA_MAX = 16 << 20, KEY_MAX = WIRE_SECRET_MAX - 256 };

static bool append_u32(struct text *out, size_t number)
{
    uint32_t value = (uint32_t)number;
    return text_append(out, slice_bytes(&value, sizeof value));
}

static bool take_u32(struct slice *bytes, uint32_t *out_number)
{
    if (bytes->len < sizeof *out_number)
        return false;
    memcpy(out_number, bytes->at, sizeof *out_number);
    *bytes = slice_after(*bytes, sizeof *out_number);
    return true;
}

bool import_result_append(struct text *out, const struct import_result *result)
{
    return append_u32(out, result->outcome) && append_u32(out, result->error.len) &&
           append_u32(out, result->record.len) && append_u32(out, result->key.len) &&
           text_append(out, result->error) && text_append(out, result->record) &&
           text_append(out, result->key);
}

static bool take_part(struct slice *bytes, uint32_t len, size_t max, struct slice *out_part)
{
    if (len > max || len > bytes->len)
        return false;
    *out_part = slice_first(*bytes, len);
    *bytes = slice_after(*bytes, len);
    return true;
}

bool import_result_take(struct slice bytes, struct import_result *out)
{
    uint32_t error, record, key;
    return take_u32(&bytes, &out->outcome) && take_u32(&bytes, &error) &&
           take_u32(&bytes, &record) && take_u32(&bytes, &key) &&
           out->outcome <= IMPORT_NO_MEMORY &&
           take_part(&bytes, error, IMPORT_RESULT_ERROR_MAX, &out->error) &&
           take_part(&bytes, record, WIRE_CHAIN_MAX, &out->record) &&
           take_part(&bytes, key, KEY_MAX, &out->key) && bytes.len == 0;
}

/* A file without a key is good too: its record says so. */
static void read_record(const struct imported *imported, struct slice known,
                        const struct trust_store *trust, int64_t now_ms, struct text *record,
                        struct import_result *result)
{
    struct slice chain[RECORD_CHAIN_MAX];
    bool too_long = imported->chain_count > RECORD_CHAIN_MAX;
    size_t count = too_long ? 0 : imported->chain_count;
    for (size_t i = 0; i < count; i++)
        chain[i] = imported->chain[i];
    struct record_source source = {
        .leaf = imported->leaf,
        .chain = chain,
        .chain_count = chain_extend(imported->leaf, chain, count, RECORD_CHAIN_MAX, known),
        .friendly_name = imported->friendly_name,
        .has_private_key = imported->private_key.len > 0,
        .trust = trust,
        .now_ms = now_ms,
    };
    enum record_outcome outcome =
        too_long ? RECORD_TOO_LARGE : certificate_record_read(&source, record);
    result->outcome = record_outcome_import(outcome);
    if (outcome != RECORD_OK) {
        result->error = slice_of("a certificate of the file cannot be used");
        return;
    }
    result->record = text_slice(record);
    result->key = imported->private_key;
}

bool import_result_of_file(const struct import_request *request, const struct trust_store *trust,
                           int64_t now_ms, struct text *out)
{
    struct arena arena = arena_with_ceiling(ARENA_MAX);
    struct text record = text_with_ceiling(WIRE_CHAIN_MAX);
    char storage[IMPORT_RESULT_ERROR_MAX];
    struct text error = text_over(storage, sizeof storage);
    struct imported imported = {0};
    enum import_outcome outcome =
        import_certificates(request->file, request->password, &arena, &imported, &error);
    struct import_result result = {.outcome = (uint32_t)outcome, .error = text_slice(&error)};
    if (outcome == IMPORT_OK || outcome == IMPORT_NO_PRIVATE_KEY)
        read_record(&imported, request->known, trust, now_ms, &record, &result);
    bool good = import_result_append(out, &result);
    imported_wipe(&imported);
    text_deinit(&record);
    arena_deinit(&arena);
    return good;
}
