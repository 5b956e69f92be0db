/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/address.h"

#include "base/ip.h"
#include "mail/ascii_domain.h"
#include "mail/utf8.h"

#include <string.h>

enum { LABEL_MAX = 63 };

static bool is_non_ascii(uint32_t c)
{
    return c >= 0x80 && utf8_printable(c);
}

/* RFC 5322 3.2.3 atext, RFC 6531 3.3 */
static bool is_atext(uint32_t c)
{
    return c < 0x80 ? c && (ascii_is_alnum((char)c) || strchr("!#$%&'*+-/=?^_`{|}~", (int)c))
                    : is_non_ascii(c);
}

/* Code points that many programs read as a dot are no letters of a name (U+3002 and its kin). */
static bool is_label_letter(uint32_t c)
{
    if (c < 0x80)
        return ascii_is_alnum((char)c) || c == '-';
    return is_non_ascii(c) && c != 0x3002 && c != 0xff0e && c != 0xff61;
}

static bool all_of(struct slice bytes, bool (*kind)(uint32_t))
{
    uint32_t c;
    while (utf8_take(&bytes, &c))
        if (!kind(c))
            return false;
    return bytes.len == 0;
}

static bool label_valid(struct slice label)
{
    return label.len > 0 && label.len <= LABEL_MAX && label.at[0] != '-' &&
           label.at[label.len - 1] != '-' && all_of(label, is_label_letter);
}

bool address_domain_valid(struct slice domain, bool utf8)
{
    if (domain.len > ADDRESS_DOMAIN_MAX || (!utf8 && !slice_all_ascii(domain)))
        return false;
    struct slice label;
    while (slice_take_until(&domain, '.', &label))
        if (!label_valid(label))
            return false;
    return label_valid(domain);
}

bool address_literal_valid(struct slice literal)
{
    struct ip_address address;
    size_t index;
    if (!slice_take_prefix(&literal, SLICE("[")) || literal.len == 0 ||
        literal.at[literal.len - 1] != ']')
        return false;
    literal.len--;
    bool v6 = slice_take_prefix_nocase(&literal, SLICE("IPv6:"));
    return slice_find(literal, ':', &index) == v6 && ip_parse(literal, &address);
}

/* Dot-string = Atom *("." Atom) */
static size_t dot_string_len(struct slice rest)
{
    size_t whole = rest.len;
    uint32_t c;
    bool after_atom = false;
    for (struct slice next = rest; utf8_take(&next, &c); rest = next) {
        if (c == '.' ? !after_atom : !is_atext(c))
            break;
        after_atom = c != '.';
    }
    return after_atom ? whole - rest.len : 0;
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE; 0 when it is none */
static size_t quoted_string_len(struct slice rest)
{
    size_t whole = rest.len;
    uint32_t c;
    if (!slice_take_prefix(&rest, SLICE("\"")))
        return 0;
    while (utf8_take(&rest, &c)) {
        if (c == '"')
            return whole - rest.len;
        if (c == '\\' && (!utf8_take(&rest, &c) || c >= 0x80))
            return 0;
        if (!utf8_printable(c))
            return 0;
    }
    return 0;
}

static size_t local_part_len(struct slice rest)
{
    return rest.len && rest.at[0] == '"' ? quoted_string_len(rest) : dot_string_len(rest);
}

static bool domain_part_valid(struct slice domain)
{
    return domain.len && domain.at[0] == '[' ? address_literal_valid(domain)
                                             : address_domain_valid(domain, true);
}

static bool too_long(struct slice mailbox, const struct address_options *options)
{
    return mailbox.len > (size_t)(options->long_addresses ? ADDRESS_LONG_MAX : ADDRESS_MAX);
}

enum address_outcome address_parse(struct slice mailbox, const struct address_options *options,
                                   struct address *out)
{
    *out = (struct address){.local = slice_first(mailbox, local_part_len(mailbox))};
    struct slice rest = slice_after(mailbox, out->local.len);
    bool qualified = slice_take_prefix(&rest, SLICE("@"));
    out->domain = rest;
    if (out->local.len == 0 || (!qualified && (rest.len || !options->unqualified)))
        return ADDRESS_INVALID;
    if (rest.len > ADDRESS_DOMAIN_MAX || too_long(mailbox, options))
        return ADDRESS_TOO_LONG;
    if (qualified && !domain_part_valid(rest))
        return ADDRESS_INVALID;
    return options->utf8 || slice_all_ascii(mailbox) ? ADDRESS_OK : ADDRESS_NEEDS_UTF8;
}

/* Where the ">" stands that ends the path: not one inside a quoted string. */
static bool find_path_end(struct slice path, size_t *out_end)
{
    bool quoted = false;
    for (size_t i = 0; i < path.len; i++) {
        if (quoted && path.at[i] == '\\')
            i++;
        else if (path.at[i] == '"')
            quoted = !quoted;
        else if (path.at[i] == '>' && !quoted) {
            *out_end = i;
            return true;
        }
    }
    return false;
}

/* A-d-l ":" = "@" domain *("," "@" domain) ":" */
static bool drop_source_route(struct slice *path)
{
    struct slice route, hop;
    if (path->len == 0 || path->at[0] != '@')
        return true;
    if (!slice_take_until(path, ':', &route))
        return false;
    while (slice_take_field(&route, ',', &hop))
        if (!slice_take_prefix(&hop, SLICE("@")) || !domain_part_valid(hop))
            return false;
    return true;
}

enum address_outcome address_take_path(struct slice *rest, bool null_allowed,
                                       const struct address_options *options, struct address *out,
                                       struct slice *out_mailbox)
{
    struct slice path = *rest;
    size_t end;
    *out = (struct address){0};
    *out_mailbox = (struct slice){0};
    if (!slice_take_prefix(&path, SLICE("<")) || !find_path_end(path, &end))
        return ADDRESS_INVALID;
    struct slice behind = slice_after(path, end + 1);
    path.len = end;
    if (!(path.len == 0 && null_allowed)) {
        enum address_outcome outcome =
            drop_source_route(&path) ? address_parse(path, options, out) : ADDRESS_INVALID;
        if (outcome != ADDRESS_OK)
            return outcome;
    }
    *out_mailbox = path;
    *rest = behind;
    return ADDRESS_OK;
}

static struct slice without_quotes(struct slice local)
{
    bool quoted = local.len >= 2 && local.at[0] == '"';
    return quoted ? (struct slice){local.at + 1, local.len - 2} : local;
}

static bool append_unescaped(struct text *text, struct slice content, bool quote)
{
    bool good = true;
    for (size_t i = 0; i < content.len && good; i++) {
        if (content.at[i] == '\\' && i + 1 < content.len)
            i++;
        if (quote && (content.at[i] == '"' || content.at[i] == '\\'))
            good = text_append_byte(text, '\\');
        good = good && text_append_lower(text, (struct slice){content.at + i, 1});
    }
    return good;
}

static bool append_local(struct text *text, struct slice local)
{
    if (local.len == 0 || local.at[0] != '"')
        return text_append_lower(text, local);
    size_t before = text->len;
    struct slice content = without_quotes(local);
    if (!append_unescaped(text, content, false))
        return false;
    struct slice plain = {text->at + before, text->len - before};
    if (plain.len && dot_string_len(plain) == plain.len)
        return true;
    text->len = before;
    return text_append_byte(text, '"') && append_unescaped(text, content, true) &&
           text_append_byte(text, '"');
}

/* What has no such form, or maps to no domain at all, is compared as it is written. */
static bool append_domain(struct text *text, struct slice domain)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    if (!slice_all_ascii(domain) && ascii_domain_append(&ascii, domain) &&
        address_domain_valid(text_slice(&ascii), false))
        domain = text_slice(&ascii);
    return text_append_lower(text, domain);
}

bool address_append_canonical(struct text *text, const struct address *address)
{
    size_t before = text->len;
    bool good = append_local(text, address->local) &&
                (address->domain.len == 0 ||
                 (text_append_byte(text, '@') && append_domain(text, address->domain)));
    if (!good)
        text->len = before;
    return good;
}
