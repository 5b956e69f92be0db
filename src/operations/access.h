/* SPDX-License-Identifier: Apache-2.0 */
/* access - which role group may run which operation.
 *
 * Each group has a mask of rights and all of them may view; who is in several groups has what any
 * of them has. An operation asks for one right.
 */
#ifndef OPERATIONS_ACCESS_H
#define OPERATIONS_ACCESS_H

#include "model/role_group.h"
#include "operations/operation.h"

struct role_group_facts {
    enum role_group group;
    uint32_t rights;   /* enum operation_right mask */
    const char *roles; /* what Exchange calls these rights, with commas */
    const char *description;
};

enum { ROLE_GROUPS = 5 };
extern const struct role_group_facts role_groups[ROLE_GROUPS]; /* the most powerful first */

uint32_t access_rights_of(uint32_t groups); /* of a mask of role groups */
bool access_allowed(uint32_t groups, enum operation_right right);
/* The group with the fewest rights among those that have this one. */
enum role_group access_needed(enum operation_right right);
/* `Set-ReceiveConnector needs the role group "A"; uid 1000 (alice) has "B"`. */
bool access_append_refusal(struct text *text, struct slice what, enum operation_right right,
                           uint32_t groups, struct slice actor);

#endif
