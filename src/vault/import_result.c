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
           take_u32(&bytes, &record) && take_u32(&bytes, &key) && out->outcome < IMPORT_OUTCOMES &&
           take_part(&bytes, error, IMPORT_RESULT_ERROR_MAX, &out->error) &&
           take_part(&bytes, record, WIRE_CHAIN_MAX, &out->record) &&
           take_part(&bytes, key, KEY_MAX, &out->key) && bytes.len == 0;
}

/* What a file was read to be, on its way to a record. */
struct reading {
    const struct import_request *request;
    const struct trust_store *trust;
    int64_t now_ms;
    struct arena *arena;
    struct text *record, *error;
};

static void refuse(struct reading *reading, enum import_outcome outcome, const char *why,
                   const char *detail, struct import_result *result)
{
    text_clear(reading->error);
    text_append_c(reading->error, why);
    text_append_c(reading->error, detail);
    result->outcome = (uint32_t)outcome;
    result->error = text_slice(reading->error);
}

static void keep_record(struct reading *reading, enum record_outcome outcome,
                        struct import_result *result)
{
    result->outcome = record_outcome_import(outcome);
    result->error = (struct slice){0};
    if (outcome == RECORD_OK)
        result->record = text_slice(reading->record);
    else
        refuse(reading, (enum import_outcome)result->outcome,
               "a certificate of the file cannot be used", "", result);
}

/* --- an OCSP response --- */

/* Roots are in no chain: for a certificate that one of them issued, it is asked for. */
static struct slice issuer_of(const struct record_source *source, struct text *storage)
{
    if (source->chain_count)
        return source->chain[0];
    bool found = source->trust && (tls_trust_issuer(source->trust->house, source->leaf, storage) ||
                                   tls_trust_issuer(source->trust->system, source->leaf, storage));
    return found ? text_slice(storage) : (struct slice){0};
}

static void refuse_response(struct reading *reading, const char *why, struct import_result *result)
{
    refuse(reading, IMPORT_OCSP_REFUSED, "the OCSP response cannot be used: ", why, result);
}

/* False: the result says why. */
static bool verify_response(struct reading *reading, struct slice response,
                            struct record_source *source, struct import_result *result)
{
    CLEANUP(text_deinit) struct text storage = text_with_ceiling(WIRE_CHAIN_MAX);
    struct slice issuer = issuer_of(source, &storage);
    enum ocsp_outcome outcome =
        ocsp_verify(response, source->leaf, issuer, reading->now_ms, &source->ocsp);
    source->ocsp_response = response;
    if (!issuer.len)
        refuse_response(reading,
                        "the certificate of its issuer is not here: import that first "
                        "(Import-ExchangeCertificate -FileName chain.p7b)",
                        result);
    else if (outcome != OCSP_OK)
        refuse_response(reading, ocsp_outcome_text(outcome), result);
    return issuer.len && outcome == OCSP_OK;
}

/* Without its certificate: the record says which one is needed to verify it. */
static void read_response(struct reading *reading, struct slice response,
                          struct import_result *result)
{
    struct ocsp_subject subject;
    enum ocsp_outcome outcome =
        ocsp_subject_read(response, reading->request->known, reading->arena, &subject);
    if (outcome == OCSP_OK)
        keep_record(reading, certificate_record_of_response(&subject, response, reading->record),
                    result);
    else
        refuse_response(reading, ocsp_outcome_text(outcome), result);
}

/* --- certificates --- */

/* A file without a key is good too: its record says so. */
static void read_record(struct reading *reading, const struct imported *imported,
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
        .chain_count =
            chain_extend(imported->leaf, chain, count, RECORD_CHAIN_MAX, reading->request->known),
        .friendly_name = imported->friendly_name,
        .has_private_key = imported->private_key.len > 0,
        .trust = reading->trust,
        .now_ms = reading->now_ms,
    };
    if (imported->ocsp_response.len &&
        !verify_response(reading, imported->ocsp_response, &source, result))
        return;
    keep_record(reading,
                too_long ? RECORD_TOO_LARGE : certificate_record_read(&source, reading->record),
                result);
    if (result->record.len)
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
    struct reading reading = {request, trust, now_ms, &arena, &record, &error};
    if (outcome == IMPORT_OK || outcome == IMPORT_NO_PRIVATE_KEY)
        read_record(&reading, &imported, &result);
    else if (outcome == IMPORT_OCSP_ALONE)
        read_response(&reading, imported.ocsp_response, &result);
    bool good = import_result_append(out, &result);
    imported_wipe(&imported);
    text_deinit(&record);
    arena_deinit(&arena);
    return good;
}
