/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate_fields.h"

#include "tls/der.h"

enum { VERSION_TAG = 0xa0 };

static bool take_version(struct slice *rest, int *out_version)
{
    struct slice wrapped, number;
    *out_version = 1;
    if (!rest->len || (unsigned char)rest->at[0] != VERSION_TAG)
        return true;
    if (!der_take_tag(rest, VERSION_TAG, &wrapped) ||
        !der_take_tag(&wrapped, DER_INTEGER, &number) || number.len != 1 || number.at[0] < 0 ||
        number.at[0] > 2)
        return false;
    *out_version = number.at[0] + 1;
    return true;
}

static bool take_whole(struct slice *rest, struct slice *out)
{
    struct der_element element;
    if (!der_take(rest, &element) || element.tag != DER_SEQUENCE)
        return false;
    *out = element.whole;
    return true;
}

bool certificate_fields_read(struct slice der, struct certificate_fields *out)
{
    struct slice certificate, rest, skipped;
    return der_take_tag(&der, DER_SEQUENCE, &certificate) && !der.len &&
           der_take_tag(&certificate, DER_SEQUENCE, &rest) && take_version(&rest, &out->version) &&
           der_take_tag(&rest, DER_INTEGER, &out->serial) && take_whole(&rest, &skipped) &&
           take_whole(&rest, &out->issuer) && take_whole(&rest, &skipped) &&
           take_whole(&rest, &out->subject) && take_whole(&rest, &out->spki);
}
