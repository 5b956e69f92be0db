/* SPDX-License-Identifier: Apache-2.0 */
#include "model/accepted_domain.h"

#include "mail/ascii_domain.h"
#include "model/check.h"
#include "model/model.h"

/* clang-format off */
static const struct setting_word domain_types[] = {
    {"Authoritative", DOMAIN_AUTHORITATIVE}, {"InternalRelay", DOMAIN_INTERNAL_RELAY}, {"ExternalRelay", DOMAIN_EXTERNAL_RELAY}, {0},
};

#define ROW(written, member, ...) SETTING_ROW(accepted_domain, written, member, __VA_ARGS__)

const struct setting accepted_domain_settings[] = {
    ROW("DomainName", domain_name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED | SETTING_ONLY_NEW, .min = 1, .max = 255, .check = check_domain_pattern, .help = "The domain, or *.domain for its subdomains."),
    ROW("DomainType", domain_type, .kind = SETTING_ENUM, .words = domain_types, .fallback = "Authoritative", .help = "Authoritative: unknown recipients are refused. InternalRelay and ExternalRelay: mail is passed on."),
    ROW("Default", is_default, .kind = SETTING_BOOL, .fallback = "$false", .help = "The one domain that stands for the whole organization."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .help = "What the accepted domain is called."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

static struct slice without_dot(struct slice domain)
{
    if (domain.len && domain.at[domain.len - 1] == '.')
        domain.len--;
    return domain;
}

struct slice domain_comparable(struct slice domain, struct text *storage)
{
    domain = without_dot(domain);
    return !slice_all_ascii(domain) && ascii_domain_append(storage, domain) ? text_slice(storage)
                                                                            : domain;
}

bool domain_pattern_holds(struct slice pattern, struct slice domain)
{
    char pattern_bytes[ASCII_DOMAIN_MAX], domain_bytes[ASCII_DOMAIN_MAX];
    struct text pattern_storage = text_over(pattern_bytes, sizeof pattern_bytes);
    struct text domain_storage = text_over(domain_bytes, sizeof domain_bytes);
    bool below = slice_take_prefix(&pattern, SLICE("*."));
    pattern = domain_comparable(pattern, &pattern_storage);
    domain = domain_comparable(domain, &domain_storage);
    if (!below)
        return slice_equal_nocase(pattern, domain);
    return domain.len > pattern.len + 1 && domain.at[domain.len - pattern.len - 1] == '.' &&
           slice_ends_nocase(domain, pattern);
}

bool domain_pattern_same(struct slice a, struct slice b)
{
    bool a_below = slice_take_prefix(&a, SLICE("*.")), b_below = slice_take_prefix(&b, SLICE("*."));
    return a_below == b_below && domain_pattern_holds(a, b);
}

bool accepted_domain_holds(const struct accepted_domain *accepted, struct slice domain)
{
    return domain_pattern_holds(accepted->domain_name, domain);
}

static size_t count_dots(struct slice name)
{
    size_t dots = 0;
    for (size_t i = 0; i < name.len; i++)
        dots += name.at[i] == '.';
    return dots;
}

/* Of two wildcards that hold the same domain, the one with more labels is the more specific. */
static bool more_specific(const struct accepted_domain *a, const struct accepted_domain *b)
{
    bool a_exact = !slice_starts(a->domain_name, SLICE("*"));
    bool b_exact = !slice_starts(b->domain_name, SLICE("*"));
    return a_exact != b_exact ? a_exact : count_dots(a->domain_name) > count_dots(b->domain_name);
}

const struct accepted_domain *accepted_domain_of(const struct model *model, struct slice domain)
{
    const struct accepted_domain *best = NULL;
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++) {
        const struct accepted_domain *one = model_accepted_domain(model, i);
        if (accepted_domain_holds(one, domain) && (!best || more_specific(one, best)))
            best = one;
    }
    return best;
}

const struct accepted_domain *accepted_domain_default(const struct model *model)
{
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
        if (model_accepted_domain(model, i)->is_default)
            return model_accepted_domain(model, i);
    return NULL;
}
