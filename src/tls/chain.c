/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/chain.h"

#include "tls/certificate_list.h"
#include "tls/der.h"

/* Those that cannot be read, and roots, are stepped over. */
static STACK_OF(X509) * read_known(struct slice known, struct slice *ders)
{
    struct der_element element;
    STACK_OF(X509) *list = sk_X509_new_null();
    while (list && sk_X509_num(list) < CHAIN_KNOWN_MAX && der_take(&known, &element)) {
        X509 *certificate = certificate_from_der(element.whole);
        bool issuer = certificate && X509_self_signed(certificate, 0) != 1;
        int count = issuer ? sk_X509_push(list, certificate) : 0;
        if (count > 0)
            ders[count - 1] = element.whole;
        else
            X509_free(certificate);
    }
    return list;
}

static bool is_newer(X509 *a, X509 *b)
{
    return !b || ASN1_TIME_compare(X509_get0_notBefore(a), X509_get0_notBefore(b)) > 0;
}

/* Its place in the list, or -1. */
static int issuer_of(X509 *certificate, const STACK_OF(X509) * list)
{
    int found = -1;
    for (int i = 0; i < sk_X509_num(list); i++)
        if (is_newer(sk_X509_value(list, i), found < 0 ? NULL : sk_X509_value(list, found)) &&
            certificate_issued_by(certificate, sk_X509_value(list, i)))
            found = i;
    return found;
}

size_t chain_extend(struct slice leaf, struct slice *chain, size_t count, size_t capacity,
                    struct slice known)
{
    struct slice ders[CHAIN_KNOWN_MAX];
    CLEANUP(certificate_list_free) STACK_OF(X509) *list = read_known(known, ders);
    CLEANUP(certificate_free) X509 *last = certificate_from_der(count ? chain[count - 1] : leaf);
    X509 *below = last;
    while (list && below && count < capacity && X509_self_signed(below, 0) != 1) {
        int found = issuer_of(below, list);
        if (found < 0)
            break;
        chain[count++] = ders[found];
        below = sk_X509_value(list, found);
    }
    return count;
}
