/* SPDX-License-Identifier: Apache-2.0 */
/* rule - the rules of model_validate, one file per kind of object. Known inside this room only. */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include "model/model.h"

/* Always false. The error may be NULL. */
PRINTF_LIKE(2, 3) bool rule_broken(struct text *error, const char *format, ...);

bool rule_receive_connector(const struct model *model, const struct receive_connector *connector,
                            struct text *error);
/* `before` kept the rules among the others. */
bool rule_changed_connector(const struct model *model, const struct receive_connector *before,
                            const struct receive_connector *connector, struct text *error);
bool rule_connector_conflicts(const struct model *model, const struct receive_connector *connector,
                              struct text *error);
bool rule_send_connector(const struct model *model, const struct send_connector *connector,
                         struct text *error);
bool rule_dkim_signing_config(const struct model *model, const struct dkim_signing_config *config,
                              struct text *error);
bool rule_certificate(const struct model *model, const struct certificate *certificate,
                      struct text *error);
bool rule_certificate_removal(const struct model *model, const struct certificate *certificate,
                              struct text *error);
bool rule_accepted_domain(const struct model *model, const struct accepted_domain *domain,
                          struct text *error);
bool rule_accepted_domain_removal(const struct model *model, const struct accepted_domain *domain,
                                  struct text *error);
bool rule_mailbox(struct model_validation *among, const struct mailbox *mailbox,
                  struct text *error);
bool rule_distribution_group(struct model_validation *among, const struct distribution_group *group,
                             struct text *error);
/* Whether mailboxes and groups have all their addresses in other accepted domains than this one. */
bool rule_addresses_without(const struct model *model, const struct accepted_domain *gone,
                            struct text *error);
bool rule_role_member(const struct model *model, const struct role_member *member,
                      struct text *error);
bool rule_management_token(const struct model *model, const struct management_token *token,
                           struct text *error);
bool rule_permission(const struct model *model, const struct permission *permission,
                     struct text *error);
bool rule_transport_service(const struct model *model, const struct transport_service *service,
                            struct text *error);

#endif
