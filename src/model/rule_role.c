/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of who may manage the server. */
#include "model/rule.h"

bool rule_role_member(const struct model *model, const struct role_member *member,
                      struct text *error)
{
    bool is_group;
    uint32_t number;
    if (!role_member_parse(member->member, &is_group, &number))
        return rule_broken(error, "Member: a member is uid:NUMBER or gid:NUMBER.");
    if (number == ROLE_MEMBER_NOBODY)
        return rule_broken(error,
                           "Member: %.*s is nobody, and so is everybody of another user "
                           "namespace. Use a number of its own, or a token.",
                           SLICE_ARG(member->member));
    if (!member->role_groups)
        return rule_broken(error, "RoleGroups: name at least one role group.");
    return role_member_of(model, member->member) == member ||
           rule_broken(error, "Member: %.*s is there already.", SLICE_ARG(member->member));
}

bool rule_management_token(const struct model *model, const struct management_token *token,
                           struct text *error)
{
    if (token->name.len == 0)
        return rule_broken(error, "A management token needs a Name.");
    if (token->token_id.len != TOKEN_ID_BYTES || token->digest.len != TOKEN_DIGEST_BYTES)
        return rule_broken(error, "A management token is made by New-ManagementToken.");
    if (management_token_of_name(model, token->name) != token)
        return rule_broken(error, "Name: there is a management token \"%.*s\" already.",
                           SLICE_ARG(token->name));
    const unsigned char *id = (const unsigned char *)token->token_id.at;
    return management_token_of_id(model, id) == token ||
           rule_broken(error, "TokenId: it is taken.");
}
