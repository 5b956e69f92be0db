/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_record - the model's record of a certificate, filled from the certificate itself.
 *
 * The verdict on it is recorded without regard to dates, which are judged when somebody asks
 * (certificate_status_at): Invalid when no client can take it, Untrusted when its chain does not
 * reach a root of the trust store, Unknown when there is no root to judge by, else Valid. Root:
 * None for a self-signed one, Enterprise for a root of the house or an authority of our own,
 * ThirdParty for a root of the system, else Unknown. The findings say why,
 * and judged_by by which roots: when those are others, it can be judged again.
 */
#ifndef VAULT_CERTIFICATE_RECORD_H
#define VAULT_CERTIFICATE_RECORD_H

#include "base/text.h"
#include "tls/ocsp.h"
#include "vault/trust_store.h"

enum { RECORD_CHAIN_MAX = 10, RECORD_FRIENDLY_NAME_MAX = 64 };

struct record_source {
    struct slice leaf; /* DER */
    const struct slice
        *chain; /* DER, the issuer of the leaf first; at most RECORD_CHAIN_MAX count */
    size_t chain_count;
    struct slice request; /* PKCS#10 DER of a pending request: the leaf only stands in for it */
    struct slice friendly_name; /* cut to RECORD_FRIENDLY_NAME_MAX bytes */
    bool has_private_key;
    struct slice ocsp_response;      /* one that was verified, or empty; DER */
    struct ocsp_answer ocsp;         /* what it says */
    const struct trust_store *trust; /* NULL: made here, by itself or our own authority */
    int64_t now_ms;
};

enum record_outcome { RECORD_OK, RECORD_DAMAGED, RECORD_TOO_LARGE, RECORD_NO_MEMORY };

/* Appends the record as model_object_encode writes it: no id, no sealed key yet. */
enum record_outcome certificate_record_read(const struct record_source *source,
                                            struct text *out_record);
/* Appends a record that holds nothing but a response nobody has verified, and by its own word whom
 * it speaks of: SerialNumber, Issuer. It has no bytes of a certificate. */
enum record_outcome certificate_record_of_response(const struct ocsp_subject *subject,
                                                   struct slice response, struct text *out_record);
/* Appends the record again with its id and its sealed key (empty: none), which may be exported or
 * not. The bytes may come from a child that a file has misled: what does not decode is
 * RECORD_DAMAGED. */
enum record_outcome certificate_record_complete(struct slice record, struct slice id,
                                                struct slice sealed_key, bool exportable,
                                                struct text *out_record);
/* The outcome of a wire_certificate_read (enum import_outcome) for it. */
unsigned record_outcome_import(enum record_outcome outcome);

#endif
