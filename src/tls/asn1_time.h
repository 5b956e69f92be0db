/* SPDX-License-Identifier: Apache-2.0 */
/* asn1_time - moments in certificates and answers about them. For this room only. */
#ifndef TLS_ASN1_TIME_H
#define TLS_ASN1_TIME_H

#include <openssl/asn1.h>
#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970; UTCTime or GeneralizedTime, years 1 to 9999. */
bool asn1_time_ms(const ASN1_TIME *time, int64_t *out_ms);

#endif
