/* SPDX-License-Identifier: Apache-2.0 */
/* ascii_domain - a domain as DNS and certificates write it (RFC 5891): labels beyond ASCII become
 * xn--..., so that both spellings of one name are compared as one.
 */
#ifndef MAIL_ASCII_DOMAIN_H
#define MAIL_ASCII_DOMAIN_H

#include "base/text.h"

enum { ASCII_DOMAIN_MAX = 255 };

/* ASCII is appended as it is. False: no such name can exist, or there is no room. */
bool ascii_domain_append(struct text *text, struct slice domain);

#endif
