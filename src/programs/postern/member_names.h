/* SPDX-License-Identifier: Apache-2.0 */
/* member_names - users and groups of this machine as the numbers the server knows them by. */
#ifndef PROGRAMS_POSTERN_MEMBER_NAMES_H
#define PROGRAMS_POSTERN_MEMBER_NAMES_H

#include "operations/operation.h"

#include <jansson.h>

/* In each parameter that names a member: alice and user:alice become uid:1000, group:mailops
 * becomes gid:1001, and -Label says the name unless it was given. Numbers and tokens stay as they
 * are. False: there is nobody of that name, as `error` says. */
bool member_names_look_up(const struct operation *operation, json_t *parameters,
                          struct text *error);

#endif
