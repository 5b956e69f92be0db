/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/certificate_record.h"

#include "base/hex.h"
#include "model/model.h"
#include "settings/kind.h"
#include "tls/certificate_facts.h"
#include "tls/certificate_fields.h"
#include "tls/distinguished_name.h"
#include "tls/import.h"

#include <string.h>

enum { SERIAL_BYTES_MAX = 64, NAME_BYTES_MAX = 4096 };
enum { DATES = 1u << VERIFY_EXPIRED | 1u << VERIFY_NOT_YET_VALID };

static uint32_t key_kind_of(enum key_kind kind)
{
    static const uint32_t kinds[] = {
        [KEY_OTHER] = CERTIFICATE_KEY_OTHER,     [KEY_RSA] = CERTIFICATE_KEY_RSA,
        [KEY_RSA_PSS] = CERTIFICATE_KEY_RSA_PSS, [KEY_P256] = CERTIFICATE_KEY_ECDSA,
        [KEY_P384] = CERTIFICATE_KEY_ECDSA,      [KEY_P521] = CERTIFICATE_KEY_ECDSA,
        [KEY_ED25519] = CERTIFICATE_KEY_ED25519,
    };
    return (size_t)kind < COUNT_OF(kinds) ? kinds[kind] : CERTIFICATE_KEY_OTHER;
}

/* --- the verdict --- */

/* The first row whose finding was made decides the status; all of them are noted. */
static const struct {
    enum verify_finding finding;
    uint32_t status, noted;
} judgements[] = {
    {VERIFY_MALFORMED, STATUS_INVALID, FINDING_BAD_CHAIN},
    {VERIFY_BAD_SIGNATURE, STATUS_INVALID, FINDING_BAD_CHAIN},
    {VERIFY_SELF_SIGNED, STATUS_INVALID, FINDING_BAD_CHAIN}, /* by name only: see judge */
    {VERIFY_NOT_AN_AUTHORITY, STATUS_INVALID, FINDING_BAD_CHAIN},
    {VERIFY_CONSTRAINED, STATUS_INVALID, FINDING_BAD_CHAIN},
    {VERIFY_CHAIN_INCOMPLETE, STATUS_UNTRUSTED, FINDING_ISSUER_MISSING},
    {VERIFY_UNTRUSTED_ROOT, STATUS_UNTRUSTED, FINDING_UNTRUSTED_ROOT},
    {VERIFY_OTHER, STATUS_UNKNOWN, 0},
    {VERIFY_WEAK, STATUS_VALID, FINDING_WEAK_SIGNATURE},
};

/* Whether the chain reaches one of these roots; the verdict without dates. */
static bool reaches(const struct record_source *source, const struct tls_trust *roots,
                    struct verdict *out_verdict)
{
    struct slice chain[RECORD_CHAIN_MAX + 1] = {source->leaf};
    for (size_t i = 0; i < source->chain_count; i++)
        chain[i + 1] = source->chain[i];
    verify_chain(chain, source->chain_count + 1, roots, SLICE(""), source->now_ms, out_verdict);
    out_verdict->mask &= ~(unsigned)DATES;
    return (out_verdict->mask & ~(1u << VERIFY_WEAK)) == 0;
}

static void note_verdict(const struct verdict *verdict, struct certificate *out)
{
    out->status = STATUS_VALID;
    for (size_t i = COUNT_OF(judgements); i-- > 0;) {
        if (!verdict_has(verdict, judgements[i].finding))
            continue;
        out->status = judgements[i].status;
        out->findings |= judgements[i].noted;
    }
}

static void judge_chain(const struct record_source *source, struct certificate *out)
{
    struct verdict verdict;
    const struct trust_store *trust = source->trust;
    if (trust->house_count && reaches(source, trust->house, &verdict))
        out->root_ca_type = ROOT_ENTERPRISE;
    else if (reaches(source, trust->system, &verdict))
        out->root_ca_type = ROOT_THIRD_PARTY;
    else
        out->root_ca_type = ROOT_UNKNOWN;
    if (verdict.depth[VERIFY_WEAK] == 0) /* the leaf's own weakness is told apart by judge_leaf */
        verdict.mask &= ~(1u << VERIFY_WEAK);
    note_verdict(&verdict, out);
    if (out->status == STATUS_UNTRUSTED && !trust->house_count && !trust->system_count) {
        out->status = STATUS_UNKNOWN; /* nobody to ask */
        out->findings &= ~(uint32_t)FINDING_UNTRUSTED_ROOT;
    }
}

/* What a client sees on the certificate alone. */
static void judge_leaf(const struct certificate_facts *facts, struct certificate *out)
{
    const struct {
        bool found;
        uint32_t finding;
    } rows[] = {
        {!facts->server_auth, FINDING_NOT_FOR_SERVERS},
        {!facts->can_sign && !facts->is_ca, FINDING_CANNOT_SIGN},
        {facts->short_key, FINDING_SHORT_KEY},
        {facts->weak_digest, FINDING_WEAK_SIGNATURE},
        {facts->dns_name_count == 0 && !facts->is_ca, FINDING_NO_HOST_NAME},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        out->findings |= rows[i].found ? rows[i].finding : 0;
    if (!facts->server_auth)
        out->status = STATUS_INVALID;
}

static void judge(const struct certificate_facts *facts, const struct record_source *source,
                  struct certificate *out)
{
    out->status = STATUS_VALID;
    out->root_ca_type = facts->self_signed ? ROOT_NONE : ROOT_ENTERPRISE;
    if (source->trust && !facts->self_signed) {
        judge_chain(source, out);
        out->judged_by = slice_bytes(source->trust->fingerprint, TRUST_FINGERPRINT_BYTES);
    }
    judge_leaf(facts, out);
}

static void make_pending(const struct record_source *source, struct certificate *out)
{
    out->request_der = source->request;
    out->status = STATUS_PENDING_REQUEST;
    out->root_ca_type = ROOT_UNKNOWN;
}

/* Whose certificate would have to stand at the end of the chain. */
static bool name_missing_issuer(const struct record_source *source, struct arena *arena,
                                struct certificate *out)
{
    CLEANUP(text_deinit) struct text printed = text_with_ceiling(NAME_BYTES_MAX);
    CLEANUP(text_deinit) struct text canonical = text_with_ceiling(NAME_BYTES_MAX);
    struct slice last = source->chain_count ? source->chain[source->chain_count - 1] : source->leaf;
    struct certificate_fields fields;
    if (!(out->findings & FINDING_ISSUER_MISSING))
        return true;
    return certificate_fields_read(last, &fields) &&
           distinguished_name_print(fields.issuer, &printed) &&
           distinguished_name_canonical(fields.issuer, &canonical) &&
           arena_copy(arena, text_slice(&printed), &out->missing_issuer) &&
           arena_copy(arena, text_slice(&canonical), &out->missing_issuer_der);
}

/* --- the record --- */

/* Not cut within a character of UTF-8. One that cannot be shown is no reason to refuse the file. */
static struct slice friendly_cut(struct slice name)
{
    if (!text_is_printable(name))
        return (struct slice){0};
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

static bool keep_addresses(const struct certificate_facts *facts, struct arena *arena,
                           struct slice_list *out)
{
    struct slice *list = arena_take_array(arena, facts->ip_name_count + 1, sizeof *list);
    for (size_t i = 0; list && i < facts->ip_name_count; i++) {
        char storage[64];
        struct text printed = text_over(storage, sizeof storage);
        if (!ip_append(&printed, facts->ip_names[i]) ||
            !arena_copy(arena, text_slice(&printed), &list[i]))
            return false;
    }
    *out = (struct slice_list){list, facts->ip_name_count};
    return list != NULL;
}

static void put_response(const struct record_source *source, struct certificate *out)
{
    static const uint32_t statuses[] = {[OCSP_GOOD] = RESPONSE_GOOD,
                                        [OCSP_REVOKED] = RESPONSE_REVOKED,
                                        [OCSP_UNKNOWN] = RESPONSE_UNKNOWN};
    if (!source->ocsp_response.len)
        return;
    out->ocsp_response = source->ocsp_response;
    out->ocsp_status = statuses[source->ocsp.status];
    out->ocsp_this_update_ms = source->ocsp.this_update_ms;
    out->ocsp_next_update_ms = source->ocsp.next_update_ms;
    out->revoked_ms = source->ocsp.revoked_ms;
    if (source->ocsp.status == OCSP_REVOKED)
        out->revocation_reason = slice_of(ocsp_reason_name(source->ocsp.reason));
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
    out->key_kind = key_kind_of(facts->key_kind);
    out->public_key_bits = facts->key_bits;
    out->x509_version = facts->version;
    out->self_signed = facts->self_signed;
    out->has_private_key = source->has_private_key;
    out->must_staple = facts->must_staple;
    out->ocsp_responder = facts->ocsp_responder;
    put_response(source, out);
    out->chain_not_after_ms = facts->chain_not_after_ms;
    out->key_identifier = facts->key_identifier;
    out->key_sha256 = slice_bytes(facts->spki_sha256, sizeof facts->spki_sha256);
    out->uses = (struct slice_list){facts->uses, facts->use_count};
    if (source->request.len)
        make_pending(source, out);
    else
        judge(facts, source, out);
    out->friendly_name = friendly_cut(source->friendly_name);
    out->signature_algorithm = facts->signature_algorithm;
    out->der = source->leaf;
    out->chain = (struct slice_list){source->chain, source->chain_count};
    return keep_addresses(facts, arena, &out->addresses) &&
           name_missing_issuer(source, arena, out) &&
           serial_bytes(facts->serial, arena, &out->serial_number);
}

static enum record_outcome read_into(struct model *model, const struct record_source *source,
                                     struct text *out_record)
{
    struct certificate *record = model_object_new(model, MODEL_CERTIFICATE);
    struct certificate_facts *facts = arena_take(model->arena, sizeof *facts);
    if (!record || !facts)
        return RECORD_NO_MEMORY;
    int read = certificate_facts_read(source->leaf, source->chain, source->chain_count,
                                      model->arena, facts);
    if (read != CERTIFICATE_OK)
        return read < 0                        ? RECORD_NO_MEMORY
               : read == CERTIFICATE_TOO_LARGE ? RECORD_TOO_LARGE
                                               : RECORD_DAMAGED;
    if (!fill(facts, source, model->arena, record))
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

enum record_outcome certificate_record_of_response(const struct ocsp_subject *subject,
                                                   struct slice response, struct text *out_record)
{
    struct model *model = model_new();
    struct certificate *record = model ? model_object_new(model, MODEL_CERTIFICATE) : NULL;
    enum record_outcome outcome = RECORD_NO_MEMORY;
    if (record) {
        record->serial_number = subject->serial;
        record->issuer = subject->issuer;
        record->issuer_der = subject->issuer_canonical;
        record->ocsp_response = response;
        outcome = model_object_encode(MODEL_CERTIFICATE, record, out_record) ? RECORD_OK
                                                                             : RECORD_TOO_LARGE;
    }
    model_free(model);
    return outcome;
}

static enum record_outcome complete_in(struct model *model, struct slice bytes, struct slice id,
                                       struct slice sealed_key, bool exportable,
                                       struct text *out_record)
{
    struct certificate *record = model_object_decode(model, MODEL_CERTIFICATE, bytes);
    if (!record || id.len != sizeof record->id.bytes)
        return RECORD_DAMAGED;
    memcpy(record->id.bytes, id.at, id.len);
    record->key_handle = 0;
    record->key_sealed = sealed_key;
    record->has_private_key = sealed_key.len > 0;
    record->exportable = record->has_private_key && exportable;
    return model_object_encode(MODEL_CERTIFICATE, record, out_record) ? RECORD_OK
                                                                      : RECORD_TOO_LARGE;
}

enum record_outcome certificate_record_complete(struct slice record, struct slice id,
                                                struct slice sealed_key, bool exportable,
                                                struct text *out_record)
{
    struct model *model = model_new();
    enum record_outcome outcome =
        model ? complete_in(model, record, id, sealed_key, exportable, out_record)
              : RECORD_NO_MEMORY;
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
