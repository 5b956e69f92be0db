/* SPDX-License-Identifier: Apache-2.0 */
#include "model/key_kinds.h"

#include "base/attributes.h"
#include "model/certificate_choice.h"
#include "tls/context.h"

static const struct {
    enum certificate_key_kind kind;
    enum tls_verifiable verifies;
} rows[] = {{CERTIFICATE_KEY_RSA, TLS_VERIFIES_RSA},
            {CERTIFICATE_KEY_RSA_PSS, TLS_VERIFIES_RSA_PSS},
            {CERTIFICATE_KEY_ECDSA, TLS_VERIFIES_ECDSA},
            {CERTIFICATE_KEY_ED25519, TLS_VERIFIES_ED25519}};

unsigned key_kinds_to_tls(uint32_t kinds)
{
    unsigned verifies = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (kinds & CERTIFICATE_KEY_BIT(rows[i].kind))
            verifies |= rows[i].verifies;
    return verifies;
}

uint32_t key_kinds_from_tls(unsigned verifies)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (verifies & rows[i].verifies)
            kinds |= CERTIFICATE_KEY_BIT(rows[i].kind);
    return kinds;
}
