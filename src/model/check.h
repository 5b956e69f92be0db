/* SPDX-License-Identifier: Apache-2.0 */
/* check - judges of one written value, for the `check` column of the settings tables. */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "settings/setting.h"

bool check_name(const struct setting *row, struct slice written, struct text *error);
bool check_server_name(const struct setting *row, struct slice written, struct text *error);
bool check_host_name(const struct setting *row, struct slice written, struct text *error);
bool check_domain_pattern(const struct setting *row, struct slice written, struct text *error);
/* *, --, a domain, or *.domain; with a type in front and a cost behind. */
bool check_address_space(const struct setting *row, struct slice written, struct text *error);
bool check_smart_host(const struct setting *row, struct slice written, struct text *error);
bool check_address(const struct setting *row, struct slice written, struct text *error);
bool check_banner(const struct setting *row, struct slice written, struct text *error);
bool check_ip_address(const struct setting *row, struct slice written, struct text *error);
bool check_folder_name(const struct setting *row, struct slice written, struct text *error);
bool check_domain_capabilities(const struct setting *row, struct slice written, struct text *error);
bool check_milter(const struct setting *row, struct slice written, struct text *error);
bool check_mailbox_transport(const struct setting *row, struct slice written, struct text *error);

#endif
