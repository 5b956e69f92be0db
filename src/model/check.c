/* SPDX-License-Identifier: Apache-2.0 */
#include "model/check.h"

#include "mail/address.h"
#include "mail/ascii_domain.h"
#include "milter/endpoint.h"
#include "model/mailbox_transport.h"

/* NAME: "written" REASON */
static bool refuse(const struct setting *row, struct slice written, struct text *error,
                   const char *reason)
{
    if (!error)
        return false;
    text_append_format(error, "%s: \"", row->name);
    text_append_escaped(error, written, 100);
    text_append_c(error, "\" ");
    text_append_c(error, reason);
    return false;
}

static bool has_any(struct slice s, const char *bytes)
{
    size_t index;
    for (; *bytes; bytes++)
        if (slice_find(s, *bytes, &index))
            return true;
    return false;
}

bool check_name(const struct setting *row, struct slice written, struct text *error)
{
    if (slice_trim(written).len != written.len)
        return refuse(row, written, error, "begins or ends with a blank.");
    if (has_any(written, "\\*?\""))
        return refuse(
            row, written, error,
            "may not hold a backslash, an asterisk, a question mark or a quotation mark.");
    return true;
}

bool check_server_name(const struct setting *row, struct slice written, struct text *error)
{
    bool good = written.len > 0 && written.at[0] != '-';
    for (size_t i = 0; i < written.len; i++)
        good = good && (ascii_is_alnum(written.at[i]) || written.at[i] == '-');
    return good || refuse(row, written, error,
                          "is no server name: letters, digits and hyphens, such as MX1.");
}

/* Banner, EHLO and Received are ASCII; which spelling that is, nobody knows by heart. */
bool check_host_name(const struct setting *row, struct slice written, struct text *error)
{
    char storage[ASCII_DOMAIN_MAX + 1], reason_storage[ASCII_DOMAIN_MAX + 64];
    struct text ascii = text_over(storage, sizeof storage);
    struct text reason = text_over(reason_storage, sizeof reason_storage);
    if (address_domain_valid(written, false))
        return true;
    bool foreign = !slice_all_ascii(written) && ascii_domain_append(&ascii, written) &&
                   address_domain_valid(text_slice(&ascii), false);
    if (foreign)
        text_append_format(&reason, "is written %.*s here.", SLICE_ARG(text_slice(&ascii)));
    return refuse(row, written, error,
                  foreign ? text_c_string(&reason) : "is no host name such as mail.contoso.com.");
}

static bool is_domain_pattern(struct slice domain)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    slice_take_prefix(&domain, SLICE("*."));
    return address_domain_valid(domain, true) && ascii_domain_append(&ascii, domain) &&
           address_domain_valid(text_slice(&ascii), false);
}

bool check_domain_pattern(const struct setting *row, struct slice written, struct text *error)
{
    return is_domain_pattern(written) ||
           refuse(row, written, error,
                  "is no domain such as contoso.com, nor *.contoso.com for its subdomains.");
}

bool check_address_space(const struct setting *row, struct slice written, struct text *error)
{
    struct address_space space;
    if (address_space_parse(written, &space) &&
        (slice_equal(space.space, SLICE("*")) || slice_equal(space.space, SLICE("--")) ||
         is_domain_pattern(space.space)))
        return true;
    return refuse(row, written, error,
                  "is no address space. Write * for all the world, contoso.com for one domain, "
                  "*.contoso.com (with the dot) for it and its subdomains, -- for accepted "
                  "domains that are passed on; a cost stands behind a semicolon.");
}

bool check_smart_host(const struct setting *row, struct slice written, struct text *error)
{
    struct ip_address address;
    return slice_starts(written, SLICE("[")) || ip_parse(written, &address) ||
           address_domain_valid(written, false) ||
           refuse(row, written, error,
                  "is no host name such as relay.contoso.com, nor an address such as 192.0.2.1.");
}

bool check_address(const struct setting *row, struct slice written, struct text *error)
{
    struct address_options options = {.utf8 = true};
    struct address address;
    return (address_parse(written, &options, &address) == ADDRESS_OK && address.domain.len &&
            !slice_starts(address.domain, SLICE("["))) ||
           refuse(row, written, error, "is no address such as anna@contoso.com.");
}

bool check_banner(const struct setting *row, struct slice written, struct text *error)
{
    if (!slice_starts(written, SLICE("220")) || (written.len > 3 && written.at[3] != ' '))
        return refuse(row, written, error,
                      "must begin with \"220 \", such as \"220 mail.contoso.com ESMTP\".");
    return slice_all_ascii(written) || refuse(row, written, error, "may hold ASCII only.");
}

bool check_ip_address(const struct setting *row, struct slice written, struct text *error)
{
    struct ip_address address;
    return ip_parse(written, &address) ||
           refuse(row, written, error, "is no IP address such as 192.0.2.1 or 2001:db8::1.");
}

bool check_folder_name(const struct setting *row, struct slice written, struct text *error)
{
    if (slice_starts(written, SLICE(".")) || has_any(written, "/\\"))
        return refuse(row, written, error,
                      "is no folder name: no slashes, no backslashes, no dot in front.");
    return true;
}

/* domain:Capability[,Capability]; NO-TLS may stand for the domain. */
bool check_domain_capabilities(const struct setting *row, struct slice written, struct text *error)
{
    struct slice domain, capability, rest = written;
    if (!slice_take_until(&rest, ':', &domain) || rest.len == 0 ||
        (!slice_equal_nocase(domain, SLICE("NO-TLS")) && !address_domain_valid(domain, false)))
        return refuse(row, written, error,
                      "must look like mail.contoso.com:AcceptCloudServicesMail.");
    while (slice_take_field(&rest, ',', &capability)) {
        capability = slice_trim(capability);
        if (slice_equal_nocase(capability, SLICE("AcceptOorgProtocol")))
            return refuse(row, written, error,
                          "names AcceptOorgProtocol, the extension XOORG of Exchange 2010, which "
                          "is not spoken here. Use AcceptCloudServicesMail.");
        if (!slice_equal_nocase(capability, SLICE("AcceptCloudServicesMail")))
            return refuse(row, written, error,
                          "names an unknown capability. Use AcceptCloudServicesMail.");
    }
    return true;
}

bool check_milter(const struct setting *row, struct slice written, struct text *error)
{
    struct milter_endpoint endpoint;
    return milter_endpoint_parse(written, &endpoint) ||
           refuse(row, written, error,
                  "must look like unix:/run/filter.sock, or inet:127.0.0.1:11332 with an address.");
}

bool check_mailbox_transport(const struct setting *row, struct slice written, struct text *error)
{
    struct mailbox_target target;
    const char *wrong;
    return mailbox_target_parse(written, &target, &wrong) || refuse(row, written, error, wrong);
}
