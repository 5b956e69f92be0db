/* SPDX-License-Identifier: Apache-2.0 */
/* dane - a mail server's certificates against the TLSA records of its name (RFC 6698, RFC 7672).
 *
 * The records must be secure by DNSSEC; whoever looks them up knows. DANE-EE (3) speaks of the
 * server's own certificate: neither names nor dates are looked at. DANE-TA (2) speaks of one above
 * it: the chain must hold, and one of the names. The PKIX usages (0, 1) are of no use between mail
 * servers (RFC 7672 3.1.3), nor are records of other selectors or digests, or cut short. Where none
 * is of use TLS is demanded, but nobody in particular (RFC 7672 2.2).
 */
#ifndef TLS_DANE_H
#define TLS_DANE_H

#include "base/attributes.h"
#include "base/text.h"

enum { DANE_RECORDS_MAX = 64 }; /* of a name; the rest is not looked at */

struct dane_record { /* RFC 6698 2.1 */
    uint8_t usage, selector, matching;
    struct slice data;
};

struct dane_question {
    const struct dane_record *records;
    size_t record_count;
    const struct slice *names; /* the host's and the next hop's (RFC 7672 3.2.2); one at least */
    size_t name_count;
};

enum dane_outcome {
    DANE_MATCH,
    DANE_NO_USABLE,      /* no record says anything that counts */
    DANE_NO_CERTIFICATE, /* none was sent, or it cannot be read */
    DANE_NO_MATCH,       /* no record is about a certificate of this chain */
    DANE_CHAIN,          /* one is, but the chain to it does not hold: see error */
    DANE_NAME,           /* the chain holds, but it is somebody else's */
    DANE_NO_MEMORY,
    DANE_OUTCOMES
};

struct dane_verdict {
    enum dane_outcome outcome;
    size_t usable;                     /* records */
    uint8_t usage, selector, matching; /* of the record that matched */
    int depth;                         /* where: 0 = leaf */
    int error;                         /* DANE_CHAIN: OpenSSL's number */
};

bool dane_usable(const struct dane_record *record);
/* chain: DER, leaf first, as sent. */
void dane_judge(const struct dane_question *question, const struct slice *chain, size_t chain_count,
                int64_t at_ms, struct dane_verdict *out_verdict);
/* A sentence: "TLSA record 3 1 1 fits the server's certificate". */
bool dane_explain(const struct dane_verdict *verdict, struct text *out);

#endif
