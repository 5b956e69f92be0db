/* SPDX-License-Identifier: Apache-2.0 */
/* record - what stands in DNS for a public key (RFC 6376 3.6.1, RFC 8463 3). */
#ifndef DKIM_RECORD_H
#define DKIM_RECORD_H

#include "dkim/key.h"

enum { DKIM_RECORD_MAX = 2048, DKIM_STRING_MAX = 255 /* of a TXT record (RFC 1035 3.3.14) */ };

/* "v=DKIM1; k=rsa; p=...", as one text. */
bool dkim_record_append(struct text *out, enum dkim_algorithm algorithm, struct slice public_key);
/* The same as zone files have it: in quotes, cut into strings of DKIM_STRING_MAX bytes. */
bool dkim_record_append_strings(struct text *out, enum dkim_algorithm algorithm,
                                struct slice public_key);
/* selector1._domainkey.contoso.com */
bool dkim_record_append_name(struct text *out, struct slice selector, struct slice domain);

/* What is published under that name, seen as this key's record (RFC 6376 3.6.1). */
enum dkim_record_verdict {
    DKIM_RECORD_VALID,
    DKIM_RECORD_OTHER_KEY,
    DKIM_RECORD_REVOKED,   /* p= is empty */
    DKIM_RECORD_MALFORMED, /* not a record of DKIM, or of another kind of key */
};
enum dkim_record_verdict dkim_record_judge(struct slice published, enum dkim_algorithm algorithm,
                                           struct slice public_key);

#endif
