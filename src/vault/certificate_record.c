/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/certificate_record.h"

#include "base/hex.h"
#include "model/model.h"
#include "tls/certificate_facts.h"
#include "tls/import.h"

#include <string.h>

enum { SERIAL_BYTES_MAX = 64 };

static uint32_t kind_of(enum key_kind kind)
{
    static const uint32_t kinds[] = {
        [KEY_OTHER] = CERTIFICATE_KEY_OTHER,     [KEY_RSA] = CERTIFICATE_KEY_RSA,
        [KEY_RSA_PSS] = CERTIFICATE_KEY_RSA_PSS, [KEY_P256] = CERTIFICATE_KEY_ECDSA,
        [KEY_P384] = CERTIFICATE_KEY_ECDSA,      [KEY_P521] = CERTIFICATE_KEY_ECDSA,
        [KEY_ED25519] = CERTIFICATE_KEY_ED25519,
    };
    return (size_t)kind < COUNT_OF(kinds) ? kinds[kind] : CERTIFICATE_KEY_OTHER;
}

static uint32_t status_of(const struct certificate_facts *facts, int64_t now_ms)
{
    if (now_ms < facts->not_before_ms || now_ms > facts->not_after_ms)
        return STATUS_DATE_INVALID;
    if (!facts->server_auth)
        return STATUS_INVALID;
    bool chained = facts->chain_count > 0 && facts->chain_in_order;
    return facts->self_signed || chained ? STATUS_VALID : STATUS_UNTRUSTED;
}

static uint32_t root_of(const struct certificate_facts *facts, bool made_here)
{
    if (facts->self_signed)
        return ROOT_NONE;
    return made_here ? ROOT_REGISTRY : ROOT_THIRD_PARTY;
}

/* Not cut within a character of UTF-8. */
static struct slice friendly_cut(struct slice name)
{
    size_t len = name.len < RECORD_FRIENDLY_NAME_MAX ? name.len : RECORD_FRIENDLY_NAME_MAX;
    while (len && len < name.len && ((unsigned char)name.at[len] & 0xc0) == 0x80)
        len--;
    return slice_first(name, len);
}

static bool serial_bytes(struct slice digits, struct arena *arena, struct slice *out)
{
    char *bytes = arena_take(arena, SERIAL_BYTES_MAX);
    size_t len;
    if (!bytes || !hex_decode(digits, bytes, SERIAL_BYTES_MAX, &len))
        return false;
    *out = (struct slice){bytes, len};
    return true;
}

/* Slices of the record point into the facts and the source. */
static bool fill(const struct certificate_facts *facts, const struct record_source *source,
                 struct arena *arena, struct certificate *out)
{
    out->thumbprint = slice_bytes(facts->thumbprint, sizeof facts->thumbprint);
    out->sha256 = slice_bytes(facts->sha256, sizeof facts->sha256);
    out->subject = facts->subject;
    out->issuer = facts->issuer;
    out->subject_der = facts->subject_canonical;
    out->issuer_der = facts->issuer_canonical;
    out->not_before_ms = facts->not_before_ms;
    out->not_after_ms = facts->not_after_ms;
    out->dns_names = (struct slice_list){facts->dns_names, facts->dns_name_count};
    out->key_kind = kind_of(facts->key_kind);
    out->public_key_bits = facts->key_bits;
    out->x509_version = facts->version;
    out->self_signed = facts->self_signed;
    out->has_private_key = source->has_private_key;
    out->status = status_of(facts, source->now_ms);
    out->root_ca_type = root_of(facts, source->made_here);
    out->friendly_name = friendly_cut(source->friendly_name);
    out->signature_algorithm = facts->signature_algorithm;
    out->der = source->leaf;
    out->chain = (struct slice_list){source->chain, source->chain_count};
    return serial_bytes(facts->serial, arena, &out->serial_number);
}

static enum record_outcome read_into(struct model *model, const struct record_source *source,
                                     struct text *out_record)
{
    struct certificate *record = model_object_new(model, MODEL_CERTIFICATE);
    struct certificate_facts *facts = arena_take(&model->arena, sizeof *facts);
    if (!record || !facts)
        return RECORD_NO_MEMORY;
    int read = certificate_facts_read(source->leaf, source->chain, source->chain_count,
                                      &model->arena, facts);
    if (read != CERTIFICATE_OK)
        return read < 0                        ? RECORD_NO_MEMORY
               : read == CERTIFICATE_TOO_LARGE ? RECORD_TOO_LARGE
                                               : RECORD_DAMAGED;
    if (!fill(facts, source, &model->arena, record))
        return RECORD_DAMAGED;
    return model_object_encode(MODEL_CERTIFICATE, record, out_record) ? RECORD_OK
                                                                      : RECORD_TOO_LARGE;
}

enum record_outcome certificate_record_read(const struct record_source *source,
                                            struct text *out_record)
{
    if (source->chain_count > RECORD_CHAIN_MAX)
        return RECORD_TOO_LARGE;
    struct model *model = model_new();
    enum record_outcome outcome = model ? read_into(model, source, out_record) : RECORD_NO_MEMORY;
    model_free(model);
    return outcome;
}

static enum record_outcome complete_in(struct model *model, struct slice bytes, struct slice id,
                                       struct slice sealed_key, struct text *out_record)
{
    struct certificate *record = model_object_decode(model, MODEL_CERTIFICATE, bytes);
    if (!record || id.len != sizeof record->id.bytes)
        return RECORD_DAMAGED;
    memcpy(record->id.bytes, id.at, id.len);
    record->key_handle = 0;
    record->key_sealed = sealed_key;
    record->has_private_key = sealed_key.len > 0;
    return model_object_encode(MODEL_CERTIFICATE, record, out_record) ? RECORD_OK
                                                                      : RECORD_TOO_LARGE;
}

enum record_outcome certificate_record_complete(struct slice record, struct slice id,
                                                struct slice sealed_key, struct text *out_record)
{
    struct model *model = model_new();
    enum record_outcome outcome =
        model ? complete_in(model, record, id, sealed_key, out_record) : RECORD_NO_MEMORY;
    model_free(model);
    return outcome;
}

unsigned record_outcome_import(enum record_outcome outcome)
{
    static const enum import_outcome outcomes[] = {
        [RECORD_OK] = IMPORT_OK,
        [RECORD_DAMAGED] = IMPORT_DAMAGED,
        [RECORD_TOO_LARGE] = IMPORT_TOO_LARGE,
        [RECORD_NO_MEMORY] = IMPORT_NO_MEMORY,
    };
    return (unsigned)outcomes[outcome];
}
