/* SPDX-License-Identifier: Apache-2.0 */
/* accepted_domain - a domain whose mail is taken in. */
#ifndef MODEL_ACCEPTED_DOMAIN_H
#define MODEL_ACCEPTED_DOMAIN_H

#include "model/object.h"

enum domain_type { DOMAIN_AUTHORITATIVE = 1, DOMAIN_INTERNAL_RELAY, DOMAIN_EXTERNAL_RELAY };

struct accepted_domain {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;
    /* "contoso.com", or "*.contoso.com": its subdomains, not itself. As it was written:
     * bücher.example and xn--bcher-kva.example are compared as one. */
    struct slice domain_name;
    uint32_t domain_type;
    bool is_default; /* exactly one in a model */
};

extern const struct setting accepted_domain_settings[];

/* The form domains are compared in, apart from case: as DNS writes it, without a dot at the end.
 * What is so already, or cannot be, is given back as it is; the rest lies in `storage`. */
struct slice domain_comparable(struct slice domain, struct text *storage);
/* The domain itself, or, of *.domain, any below it; case, a dot at the end and the spelling (xn--
 * or not) do not matter. */
bool domain_pattern_holds(struct slice pattern, struct slice domain);
/* Whether both hold the same domains. */
bool domain_pattern_same(struct slice a, struct slice b);

bool accepted_domain_holds(const struct accepted_domain *accepted, struct slice domain);
struct model;
/* The most specific accepted domain that holds `domain` (exact before wildcard, longer wildcard
 * first), or NULL. */
const struct accepted_domain *accepted_domain_of(const struct model *model, struct slice domain);
const struct accepted_domain *accepted_domain_default(const struct model *model); /* or NULL */

#endif
