/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/reserved_domain.h"

#include "base/attributes.h"

static const struct {
    struct slice name;
    enum reserved_domain kind;
} names[] = {
    {SLICE_INIT("test"), RESERVED_DOMAIN_TOP_LEVEL},
    {SLICE_INIT("example"), RESERVED_DOMAIN_TOP_LEVEL},
    {SLICE_INIT("invalid"), RESERVED_DOMAIN_TOP_LEVEL},
    {SLICE_INIT("localhost"), RESERVED_DOMAIN_TOP_LEVEL},
    {SLICE_INIT("example.com"), RESERVED_DOMAIN_SECOND_LEVEL},
    {SLICE_INIT("example.net"), RESERVED_DOMAIN_SECOND_LEVEL},
    {SLICE_INIT("example.org"), RESERVED_DOMAIN_SECOND_LEVEL},
};

/* The name itself, or a name below it. */
static bool within(struct slice domain, struct slice name)
{
    return slice_ends_nocase(domain, name) &&
           (domain.len == name.len || domain.at[domain.len - name.len - 1] == '.');
}

unsigned reserved_domain_kinds(struct slice domain)
{
    size_t dot;
    if (domain.len && domain.at[domain.len - 1] == '.')
        domain.len--;
    if (domain.len == 0 || domain.at[0] == '[')
        return 0;
    unsigned kinds = slice_find(domain, '.', &dot) ? 0 : RESERVED_DOMAIN_SINGLE_LABEL;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (within(domain, names[i].name))
            kinds |= names[i].kind;
    return kinds;
}
