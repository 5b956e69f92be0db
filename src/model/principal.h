/* SPDX-License-Identifier: Apache-2.0 */
/* principal - who a permission is for: one mailbox, or a sort of client that has a well-known name.
 *
 * A mailbox is meant by its id, never by its name: whoever gets the name of somebody who has gone
 * does not get the rights.
 */
#ifndef MODEL_PRINCIPAL_H
#define MODEL_PRINCIPAL_H

#include "settings/setting.h"

enum principal {
    PRINCIPAL_MAILBOX = 1,
    PRINCIPAL_ANONYMOUS,          /* whoever has not logged in */
    PRINCIPAL_AUTHENTICATED,      /* whoever has */
    PRINCIPAL_SELF,               /* of a mailbox: its owner */
    PRINCIPAL_EXTERNALLY_SECURED, /* clients of an ExternalAuthoritative connector */
    PRINCIPAL_HUB_SERVERS,
    PRINCIPAL_EDGE_SERVERS,
    PRINCIPAL_LEGACY_SERVERS,
    PRINCIPAL_PARTNER_SERVERS,
};

/* The names as they are printed; ended by {0}. */
extern const struct setting_word principal_words[];
const char *principal_name(enum principal principal);
/* A well-known name, with or without what stands before its backslash, or its SID. False: it is
 * none; a mailbox may be called so. */
bool principal_parse(struct slice written, enum principal *out_principal);

#endif
