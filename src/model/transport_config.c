/* SPDX-License-Identifier: Apache-2.0 */
#include "model/transport_config.h"

#include "model/check.h"
#include "model/model.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(transport_config, written, member, __VA_ARGS__)

const struct setting transport_config_settings[] = {
    ROW("TLSReceiveDomainSecureList", tls_receive_domain_secure_list, .kind = SETTING_TEXT_LIST, .max = 1024, .check = check_domain_pattern,
        .help = "Domains, or *.domain for subdomains, whose mail is taken by connectors with DomainSecureEnabled only from a client whose certificate is for the domain."),
    ROW("TLSSendDomainSecureList", tls_send_domain_secure_list, .kind = SETTING_TEXT_LIST, .max = 1024, .check = check_domain_pattern,
        .help = "Domains, or *.domain for subdomains, to which send connectors with DomainSecureEnabled deliver only when the certificate of the host is for the domain."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_READ_ONLY, .min = 1, .max = 64, .fallback = "Transport Settings", .help = "There is one, and this is its name."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

static bool list_holds(struct slice_list patterns, struct slice domain)
{
    for (size_t i = 0; i < patterns.count; i++)
        if (domain_pattern_holds(patterns.at[i], domain))
            return true;
    return false;
}

bool transport_config_secures(const struct model *model, struct slice domain)
{
    const struct transport_config *config = model_transport_config(model);
    return config && list_holds(config->tls_receive_domain_secure_list, domain);
}

bool transport_config_secures_sending(const struct model *model, struct slice domain)
{
    const struct transport_config *config = model_transport_config(model);
    return config && list_holds(config->tls_send_domain_secure_list, domain);
}
