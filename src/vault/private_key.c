/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/private_key.h"

static const struct slice labels[] = {
    [false] = SLICE_INIT("certificate"),
    [true] = SLICE_INIT("certificate, exportable"),
};

enum seal_outcome private_key_seal(const struct kek *kek, struct slice id, bool exportable,
                                   struct slice pkcs8, struct text *out_sealed)
{
    return kek_seal(kek, id, labels[exportable], pkcs8, out_sealed);
}

enum seal_outcome private_key_unseal(const struct kek *kek, struct slice id, struct slice sealed,
                                     struct text *out_pkcs8, bool *out_exportable)
{
    *out_exportable = false;
    enum seal_outcome outcome = kek_unseal(kek, id, labels[false], sealed, out_pkcs8);
    if (outcome != SEAL_REFUSED)
        return outcome;
    *out_exportable = true;
    return kek_unseal(kek, id, labels[true], sealed, out_pkcs8);
}
