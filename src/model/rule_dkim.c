/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the keys mail is signed with. */
#include "model/rule.h"

static bool has_key(const struct dkim_signing_config *config, uint32_t selector)
{
    for (size_t i = 0; i < DKIM_ALGORITHMS; i++)
        if (config->keys[selector - 1][i].sealed.len)
            return true;
    return false;
}

bool rule_dkim_signing_config(const struct model *model, const struct dkim_signing_config *config,
                              struct text *error)
{
    if (config->domain_name.len == 0)
        return rule_broken(error, "A DKIM signing config needs a DomainName.");
    if (dkim_signing_config_of(model, config->domain_name) != config)
        return rule_broken(error,
                           "DomainName: mail of %.*s is signed already. Use "
                           "Set-DkimSigningConfig, or Rotate-DkimSigningConfig for new keys.",
                           SLICE_ARG(config->domain_name));
    if (!config->selector_before || !config->selector_after ||
        !has_key(config, config->selector_before) || !has_key(config, config->selector_after))
        return rule_broken(error, "A DKIM signing config is made by New-DkimSigningConfig.");
    return true;
}
